using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Resources;

public sealed class RestingBytesTests
{
    [Fact]
    public void Value_PackedWithItsNeighbours_IsWhatItWas()
    {
        var texts = Enumerable.Range(0, 300).Select(index => new string((char)('a' + (index % 20)), index * 7) + $"#{index}").ToArray();
        RestingBytes[] items = [.. texts.Select(text => new RestingBytes(Encoding.UTF8.GetBytes(text)))];

        RestingBytes.Pack(items);

        Assert.All(items, item => Assert.True(item.IsPacked));
        Assert.Equal(texts, items.Select(item => Encoding.UTF8.GetString(item.Value.Span)));
    }

    [Fact]
    public void Pack_Again_PacksOnlyWhatCameSince()
    {
        var (old, added) = (Of(new string('a', 500)), Of(new string('b', 500)));
        RestingBytes.Pack([old]);
        var before = old.Value;

        RestingBytes.Pack([old, added]);

        Assert.True(added.IsPacked);
        // The same array: its block is still the same.
        Assert.True(before.Equals(old.Value));
        GC.KeepAlive(before);
    }

    [Fact]
    public void Pack_BytesThatDoNotGetSmaller_AreLeftAsTheyAre()
    {
        var content = RandomNumberGenerator.GetBytes(4096);
        var item = new RestingBytes(content);

        RestingBytes.Pack([item]);

        Assert.False(item.IsPacked);
        Assert.Equal(content, item.Value);
    }

    [Fact]
    public void Pack_None_OrEmpty_DoesNothing()
    {
        var empty = new RestingBytes(default);

        RestingBytes.Pack([]);
        RestingBytes.Pack([empty]);

        Assert.False(empty.IsPacked);
        Assert.Equal(0, empty.Value.Length);
    }

    [Fact]
    public void Value_PartOfALargerArray_KeepsThatPartOnly() =>
        Assert.Equal("bc"u8.ToArray(), new RestingBytes("abcd"u8.ToArray().AsMemory(1, 2)).Value);

    private static RestingBytes Of(string text) => new(Encoding.UTF8.GetBytes(text));
}
