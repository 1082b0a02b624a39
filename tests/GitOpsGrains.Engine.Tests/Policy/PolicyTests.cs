using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Engine.Tests.Policy;

public sealed class PolicyTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void HealBackoff_HealsInARow_WaitLongerAndLonger()
    {
        var (history, now, waits) = (HealHistory.None, Start, new List<double>());
        for (var i = 0; i < 9; i++)
        {
            var next = HealBackoff.NextAllowed(history, now);
            waits.Add(Math.Max(0, (next - now).TotalSeconds));
            if (next > now) now = next;
            history = HealBackoff.Healed(history, now);
        }

        Assert.Equal([0, 2, 6, 18, 54, 162, 300, 300, 300], waits);
    }

    [Fact]
    public void HealBackoff_TenQuietMinutes_ForgetsAll()
    {
        var history = new HealHistory { Heals = 5, Last = Start };

        Assert.Equal(Start.AddSeconds(162), HealBackoff.NextAllowed(history, Start.AddMinutes(9.9)));
        Assert.True(HealBackoff.NextAllowed(history, Start.AddMinutes(10)) <= Start);
        Assert.Equal(1, HealBackoff.Healed(history, Start.AddMinutes(10)).Heals);
    }

    [Fact]
    public void HealBackoff_ClockSetBack_HoldsNothingUp()
    {
        var history = new HealHistory { Heals = 5, Last = Start };

        Assert.True(HealBackoff.NextAllowed(history, Start.AddMinutes(-5)) <= Start.AddMinutes(-5));
        Assert.Equal(1, HealBackoff.Healed(history, Start.AddMinutes(-5)).Heals);
    }

    [Fact]
    public void FightDetector_ThirdRewriteOfAPathByAManager_IsAFight()
    {
        IReadOnlyList<Rewrite> history = [];
        var fights = new List<bool>();
        foreach (var (minute, path, manager) in new[] { (0, "/a", "x"), (1, "/a", "y"), (2, "/a", "x"), (3, "/b", "x"), (4, "/a", "x"), (5, "/a", "x"), (13, "/a", "x"), (16, "/a", "x") })
        {
            (history, var isFight) = FightDetector.Record(history, path, manager, Start.AddMinutes(minute));
            fights.Add(isFight);
        }

        Assert.Equal([false, false, false, false, true, true, true, false], fights);
        Assert.DoesNotContain(history, rewrite => rewrite.Manager == "y");
    }

    [Fact]
    public void FightDetector_ManyPaths_StaysBounded()
    {
        IReadOnlyList<Rewrite> history = [];
        for (var i = 0; i < 500; i++) (history, _) = FightDetector.Record(history, $"/{i}", "x", Start);

        Assert.Equal(50, history.Count);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 10)]
    [InlineData(4, 80)]
    [InlineData(5, null)]
    public void RetryBackoff_Default_DoublesUntilTheLimit(int retries, int? seconds) =>
        Assert.Equal(seconds, RetryBackoff.Default.Delay(retries)?.TotalSeconds);

    [Theory]
    [InlineData(6, 180)]
    [InlineData(1_000_000, 180)]
    public void RetryBackoff_WithoutLimit_StaysAtTheMost(int retries, double seconds) =>
        Assert.Equal(seconds, new RetryBackoff { Limit = -1 }.Delay(retries)?.TotalSeconds);

    [Theory]
    [InlineData(0, 0, 0.5, 30)]
    [InlineData(0, 0, 0, 27)]
    [InlineData(0, 0, 1, 33)]
    [InlineData(24, 0, 0.5, 30)]
    [InlineData(48, 0, 0.5, 60)]
    [InlineData(10_000, 0, 0.5, 60)]
    [InlineData(0, 1, 0.5, 60)]
    [InlineData(0, 3, 0.5, 240)]
    [InlineData(0, 1000, 0.5, 600)]
    public void PollInterval_Next_AdaptsWithJitter(int quietHours, int failures, double random, double seconds) =>
        Assert.Equal(seconds, PollInterval.Next(TimeSpan.FromSeconds(30), TimeSpan.FromHours(quietHours), failures, random).TotalSeconds, 3);

    [Fact]
    public void PollInterval_LongerThanTheMost_IsNotShortenedByFailures() =>
        Assert.Equal(3600, PollInterval.Next(TimeSpan.FromHours(1), TimeSpan.Zero, 5, 0.5).TotalSeconds, 3);
}
