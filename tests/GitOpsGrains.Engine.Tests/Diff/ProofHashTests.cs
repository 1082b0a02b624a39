using System.Text.Json;
using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class ProofHashTests
{
    [Fact]
    public void Write_HashAndNone_AreWhatWasAlwaysStored()
    {
        var json = JsonSerializer.Serialize(new ObjectProof { Entry = new ProofHash(255), OwnedMetadata = new ProofHash(UInt128.MaxValue) });

        Assert.Contains("\"Entry\":\"000000000000000000000000000000ff\",\"OwnedMetadata\":\"ffffffffffffffffffffffffffffffff\",\"Content\":\"\"", json, StringComparison.Ordinal);
        var read = JsonSerializer.Deserialize<ObjectProof>(json)!;
        Assert.Equal((new ProofHash(255), new ProofHash(UInt128.MaxValue), null), (read.Entry, read.OwnedMetadata, read.Content));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"ff\"")]
    [InlineData("\"zz0000000000000000000000000000ff\"")]
    [InlineData("\"  000000000000000000000000000000\"")]
    public void Read_TextThatIsNoHash_ProvesNothing(string text) =>
        Assert.Null(JsonSerializer.Deserialize<ObjectProof>($$"""{"Entry":{{text}}}""")!.Entry);
}
