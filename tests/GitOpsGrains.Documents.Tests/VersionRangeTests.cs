namespace GitOpsGrains.Documents.Tests;

public sealed class VersionRangeTests
{
    private static readonly string[] Tags =
        ["1.2.0", "v1.2.5", "v1.3.0-rc.1", "1.9.0", "v2.0.0-rc.1", "2.0.0", "3.1.0", "v1", "1.10", "latest", "release-4.0.0", "01.9.9", "v3.1.1-", "4.0.0.0"];

    [Theory]
    [InlineData(">=1.2.0 <2.0.0", "1.9.0")]
    [InlineData(">=1.2.0, <2.0.0", "1.9.0")]
    [InlineData(">=v1.2.0 <1.9", "v1.2.5")]
    [InlineData("~1.2", "v1.2.5")]
    [InlineData("~1.3", null)]
    [InlineData("~1.3-0", "v1.3.0-rc.1")]
    [InlineData("^1", "1.9.0")]
    [InlineData("^2-0", "2.0.0")]
    [InlineData("1.x", "1.9.0")]
    [InlineData("v1.2.x", "v1.2.5")]
    [InlineData("1.2 - 1.8", "v1.2.5")]
    [InlineData("*", "3.1.0")]
    [InlineData("*-0", "3.1.0")]
    [InlineData(">1.9.0-0 <2.0.0", "v2.0.0-rc.1")]
    [InlineData(">1.9.0 <2.0.0", null)]
    [InlineData("1.2.x || 2.x", "2.0.0")]
    [InlineData("5.x || ~1.2", "v1.2.5")]
    [InlineData("=1.2.0", "1.2.0")]
    [InlineData("1.2.0", "1.2.0")]
    public void Choose_Range_TakesTheHighestTagInIt(string text, string? expected)
    {
        Assert.True(VersionRange.TryParse(text, out var range));
        var (highest, lookedAt) = range.Choose(Tags, "");
        Assert.Equal(expected, highest.SingleOrDefault());
        Assert.Equal(Tags.Length, lookedAt);
    }

    [Fact]
    public void Choose_Prefix_LooksAtNoOtherTags()
    {
        Assert.True(VersionRange.TryParse("^1", out var range));
        var (highest, lookedAt) = range.Choose(["web/v1.2.0", "web/1.4.0", "shop/v1.9.0", "v1.8.0", "web-v1.7.0"], "web/");
        Assert.Equal(["web/1.4.0"], highest);
        Assert.Equal(2, lookedAt);
    }

    [Fact]
    public void Choose_OneVersionTwice_TellsBothTags()
    {
        Assert.True(VersionRange.TryParse("^1", out var range));
        Assert.Equal(["v1.2.0", "1.2.0"], range.Choose(["v1.2.0", "1.1.0", "1.2.0"], "").Highest);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("main")]
    [InlineData("1.x || main")]
    [InlineData("1.x ||")]
    [InlineData("!=1.2.0")]
    [InlineData(">=1.2.3.4")]
    [InlineData(">>1")]
    public void TryParse_NoRange_IsRefused(string text) => Assert.False(VersionRange.TryParse(text, out _));

    [Fact]
    public void TryParse_RangeWithoutEnd_IsRefused()
    {
        Assert.False(VersionRange.TryParse(string.Join(" ", Enumerable.Repeat(">1", 200)), out _));
        Assert.False(VersionRange.TryParse(string.Join("||", Enumerable.Repeat("1", 30)), out _));
        Assert.False(VersionRange.TryParse(new string('9', 300) + ".x", out _));
    }

    [Theory]
    [InlineData("1.x", true)]
    [InlineData("v1.2.X", true)]
    [InlineData("1.x-0", true)]
    [InlineData("*", true)]
    [InlineData("~1", true)]
    [InlineData(">=1 <2", true)]
    [InlineData("main", false)]
    [InlineData("x", false)]
    [InlineData("v1.2.3", false)]
    [InlineData("release-1.x", false)]
    [InlineData("0123456", false)]
    public void LooksLikeOne_NamesOfBranchesAndTags_DoNot(string text, bool expected) => Assert.Equal(expected, VersionRange.LooksLikeOne(text));
}
