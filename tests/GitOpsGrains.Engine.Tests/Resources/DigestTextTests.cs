using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Tests.Resources;

public sealed class DigestTextTests
{
    [Fact]
    public void Text_OfAnyDigest_Is64LowerCaseDigitsThatReadBackAsIt()
    {
        Assert.Equal(new string('0', 64), default(Digest).ToString());
        Assert.Equal(new string('f', 64), new Digest(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue).ToString());
        Assert.Equal("000000000000000a" + "00000000000000b0" + "0000000000000c00" + "d000000000000000", new Digest(0xA, 0xB0, 0xC00, 0xD000000000000000).ToString());
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Digest.Of("").ToString());
        Assert.True(Digest.TryParse(Digest.Of("a").ToString(), out var read));
        Assert.Equal(Digest.Of("a"), read);
    }

    [Fact]
    public void Json_OfADigest_IsItsTextAndNothingForNone()
    {
        Assert.Equal($"\"{Digest.Of("a")}\"", JsonSerializer.Serialize(Digest.Of("a")));
        Assert.Equal("\"\"", JsonSerializer.Serialize(default(Digest)));
    }
}
