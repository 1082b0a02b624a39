using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("30s", 30_000, "30s")]
    [InlineData("3m", 180_000, "3m")]
    [InlineData("1h30m", 5_400_000, "1h30m")]
    [InlineData("1.5h", 5_400_000, "1h30m")]
    [InlineData("90s", 90_000, "1m30s")]
    [InlineData("500ms", 500, "500ms")]
    [InlineData("1m0s", 60_000, "1m")]
    [InlineData("24h", 86_400_000, "24h")]
    [InlineData("0", 0, "0s")]
    [InlineData("0s", 0, "0s")]
    public void TryParse_GoDurations_AreReadAndWrittenShort(string text, long milliseconds, string shortest)
    {
        Assert.True(Durations.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
        Assert.Equal(shortest, Durations.Format(value));
    }

    [Fact]
    public void Format_OfWhatNobodyWrites_IsStillATime()
    {
        Assert.Equal("0s", Durations.Format(TimeSpan.FromMinutes(-1)));
        Assert.Equal("0s", Durations.Format(TimeSpan.FromTicks(9_999)));
        Assert.Equal("256204778h48m5s477ms", Durations.Format(TimeSpan.MaxValue));
        Assert.Equal("87599h59m59s999ms", Durations.Format(Durations.Max - TimeSpan.FromMilliseconds(1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("-3m")]
    [InlineData("3 m")]
    [InlineData("m")]
    [InlineData("3d")]
    [InlineData("3M")]
    [InlineData(".s")]
    [InlineData("1.2.3s")]
    [InlineData("00:03:00")]
    [InlineData("99999999999999999999h")]
    [InlineData("999999999h")]
    [InlineData("1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s")]
    public void TryParse_OtherText_IsRefused(string text) => Assert.False(Durations.TryParse(text, out _));
}
