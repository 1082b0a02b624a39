using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Transport;

namespace GitOpsGrains.Git.Tests.Transport;

public sealed class AnswerTests
{
    private const string One = "1111111111111111111111111111111111111111";
    private const string Two = "2222222222222222222222222222222222222222";

    [Fact]
    public void LsRefs_WithAllAttributes_IsRead()
    {
        var refs = LsRefsAnswer.Parse(Lines($"{One} HEAD symref-target:refs/heads/main", $"{Two} refs/tags/v1 peeled:{One}"));

        Assert.Equal("refs/heads/main", refs.Head);
        Assert.Equal([new RemoteRef("HEAD", One, null), new RemoteRef("refs/tags/v1", Two, One)], refs.Refs);
    }

    [Fact]
    public void LsRefs_WithANameThatGitRefuses_LeavesItOut() =>
        Assert.Equal(["refs/heads/ok"], LsRefsAnswer.Parse(Lines($"{One} refs/heads/../x", $"{One} refs/heads/ok")).Refs.Select(item => item.Name));

    [Theory]
    [InlineData(One)]
    [InlineData("xyz refs/heads/main")]
    [InlineData("1111 refs/heads/main")]
    [InlineData(One + " refs/tags/v1 peeled:zzz")]
    public void LsRefs_WithALineThatIsNone_IsMalformed(string line) =>
        Assert.Equal(GitErrorKind.Malformed, Assert.Throws<GitException>(() => LsRefsAnswer.Parse(Lines(line))).Kind);

    [Theory]
    [InlineData("")]
    [InlineData("0032" + One + " HEAD")]
    [InlineData("00000000")]
    [InlineData("0001")]
    public void LsRefs_WithAWrongEnd_IsMalformed(string answer) =>
        Assert.Equal(GitErrorKind.Malformed, Assert.Throws<GitException>(() => LsRefsAnswer.Parse(Encoding.ASCII.GetBytes(answer))).Kind);

    [Fact]
    public void LsRefs_WithTheServersError_SaysItWithoutControlCharacters()
    {
        var failure = Assert.Throws<GitException>(() => LsRefsAnswer.Parse(Lines("ERR no\u001b[31m way")));

        Assert.Equal((GitErrorKind.Unreachable, "the server refused: no [31m way"), (failure.Kind, failure.Message));
    }

    [Fact]
    public void Advertisement_OfV2_GivesCapabilities()
    {
        var advertisement = Advertisement.Parse(Lines("version 2", "agent=git/2.40", "ls-refs=unborn", "fetch=shallow"));

        Assert.True(advertisement.IsV2);
        Assert.Null(advertisement.Refs);
        Assert.Equal("unborn", advertisement.Capabilities["ls-refs"]);
    }

    [Fact]
    public void Advertisement_OfV0_GivesRefsAndPeeledTags()
    {
        byte[] answer = [.. Lines("# service=git-upload-pack"), .. Lines($"{One} HEAD\0side-band-64k symref=HEAD:refs/heads/main agent=x", $"{One} refs/heads/main", $"{Two} refs/tags/v1", $"{One} refs/tags/v1^{{}}")];

        var advertisement = Advertisement.Parse(answer);

        Assert.False(advertisement.IsV2);
        Assert.Equal([new RemoteRef("HEAD", One, null), new RemoteRef("refs/heads/main", One, null), new RemoteRef("refs/tags/v1", Two, One)], advertisement.Refs!.Refs);
        Assert.Equal("refs/heads/main", advertisement.Refs.Head);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("0000")]
    [InlineData("001e# service=git-upload-pack\n")]
    [InlineData("001f# service=git-receive-pack\n0000")]
    [InlineData("0033" + One + " HEAD\n0000")]
    public void Advertisement_OfSomethingElse_IsMalformedOrEmpty(string answer)
    {
        if (answer == "0000")
        {
            Assert.Empty(Advertisement.Parse("0000"u8).Refs!.Refs);
            return;
        }
        Assert.Equal(GitErrorKind.Malformed, Assert.Throws<GitException>(() => Advertisement.Parse(Encoding.ASCII.GetBytes(answer))).Kind);
    }

    [Theory]
    [InlineData("0008NAK\n000f\u0001PACKDATA..0000", "PACKDATA..")]
    [InlineData("000dpackfile\n000a\u0002wait.0009\u0001PACK000a\u0001DATA.0000", "PACKDATA.")]
    [InlineData("0038ACK " + One + " common\n0031ACK " + One + "\n0009\u0001PACK0000", "PACK")]
    public async Task PackStream_OfAnyProtocol_GivesThePack(string answer, string expected)
    {
        // One byte at a time: no line comes whole.
        await using var slow = new TrickleStream(Encoding.ASCII.GetBytes(answer));
        await using var pack = new MemoryStream();

        await PackStream.CopyAsync(slow, pack, 1000, CancellationToken.None);

        Assert.Equal(expected, Encoding.ASCII.GetString(pack.ToArray()));
    }

    [Theory]
    [InlineData("000dpackfile\n0009\u0001PACK", GitErrorKind.Unreachable)]
    [InlineData("000dpackfile\n0009\u0001PA", GitErrorKind.Unreachable)]
    [InlineData("000dpackfile\n0000", GitErrorKind.Malformed)]
    [InlineData("000dpackfile\n0009\u0003nope0000", GitErrorKind.Unreachable)]
    [InlineData("000dpackfile\n0030\u0001PACKxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0000", GitErrorKind.TooLarge)]
    [InlineData("0009hello0000", GitErrorKind.Malformed)]
    [InlineData("0032ERR upload-pack: not our ref 1111111111111111\n", GitErrorKind.CommitNotFound)]
    public async Task PackStream_OfABadAnswer_SaysWhat(string answer, GitErrorKind kind)
    {
        await using var stream = new MemoryStream(Encoding.ASCII.GetBytes(answer));
        var failure = await Assert.ThrowsAsync<GitException>(() => PackStream.CopyAsync(stream, new MemoryStream(), 20, CancellationToken.None));
        Assert.True(kind == failure.Kind, $"{failure.Kind}: {failure.Message}");
    }

    private static byte[] Lines(params string[] lines)
    {
        var writer = new PktLineWriter();
        foreach (var line in lines) writer.Line(line);
        return writer.Flush().ToArray();
    }

    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
