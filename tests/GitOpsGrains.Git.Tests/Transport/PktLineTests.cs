using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Transport;

namespace GitOpsGrains.Git.Tests.Transport;

public sealed class PktLineTests
{
    [Fact]
    public void TryRead_OfAWholeLine_GivesItsPayload()
    {
        Assert.True(PktLine.TryRead("0009done\n0000"u8, out var kind, out var payload, out var consumed));
        Assert.Equal((PktKind.Data, 9, "done"), (kind, consumed, PktLine.Text(payload)));
        Assert.True(PktLine.TryRead("0004"u8, out kind, out payload, out consumed));
        Assert.Equal((PktKind.Data, 4, 0), (kind, consumed, payload.Length));
    }

    [Theory]
    [InlineData("0000", PktKind.Flush)]
    [InlineData("0001", PktKind.Delimiter)]
    [InlineData("0002", PktKind.ResponseEnd)]
    public void TryRead_OfASpecialLine_TellsWhich(string line, object expected)
    {
        Assert.True(PktLine.TryRead(Encoding.ASCII.GetBytes(line), out var kind, out _, out var consumed));
        Assert.Equal((expected, 4), (kind, consumed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("000")]
    [InlineData("0009don")]
    [InlineData("fff0")]
    public void TryRead_OfAnIncompleteLine_WaitsForMore(string input) =>
        Assert.False(PktLine.TryRead(Encoding.ASCII.GetBytes(input), out _, out _, out _));

    [Theory]
    [InlineData("0003")]
    [InlineData("fff1")]
    [InlineData("ffff")]
    [InlineData("<htm")]
    [InlineData("-001")]
    [InlineData(" 10 ")]
    [InlineData("0x10")]
    public void TryRead_OfAnImpossibleLength_IsMalformed(string input)
    {
        var failure = Assert.Throws<GitException>(() => PktLine.TryRead(Encoding.ASCII.GetBytes(input), out _, out _, out _));
        Assert.Equal(GitErrorKind.Malformed, failure.Kind);
    }

    [Fact]
    public void Writer_WritesWhatTheReaderReads() =>
        Assert.Equal(
            "0014command=ls-refs\n00010009peel\n0000",
            Encoding.ASCII.GetString(new PktLineWriter().Line("command=ls-refs").Delimiter().Line("peel").Flush().ToArray()));
}
