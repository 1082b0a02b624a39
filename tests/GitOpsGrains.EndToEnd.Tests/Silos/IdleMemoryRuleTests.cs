using GitOpsGrains.Silo.Configuration;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

public sealed class IdleMemoryRuleTests
{
    private const long Quiet = IdleMemoryRule.QuietBytes - 1;
    private const long Busy = IdleMemoryRule.WorthBytes;

    private readonly IdleMemoryRule _rule = new();
    private long _allocated;

    [Fact]
    public void IsDue_BusyThenQuiet_OnceUntilItWasBusyAgain()
    {
        bool[] looks = [After(Busy), After(Busy), After(Quiet), After(Quiet), After(0), After(Busy), After(Quiet)];

        Assert.Equal([false, false, true, false, false, false, true], looks);
    }

    [Fact]
    public void IsDue_NeverBusy_OnlyWhenEnoughHasComeTogether()
    {
        var looks = Enumerable.Range(0, 6).Select(_ => After(Quiet)).ToArray();

        // 24 MiB each: the third look is the first at 64 MiB; the sixth again.
        Assert.Equal([false, false, true, false, false, true], looks);
    }

    [Fact]
    public void IsDue_FirstLookOfASilo_IsNotYetQuiet() => Assert.False(After(Busy * 4));

    [Fact]
    public void IsDue_WhatManyHoldAllocatesWhileTheyStandBy_OnceAndThenSeldom()
    {
        const long held = 800L << 20;
        bool[] looks = [After(Busy, held), After(Busy * 8, held), After(Busy, held), After(Busy, held), .. Enumerable.Range(0, 50).Select(_ => After(Busy, held))];

        // 64 MiB are less than an eighth of 800; four times that have come together after 50 looks.
        Assert.Equal([2, 52], looks.Index().Where(look => look.Item).Select(look => look.Index));
    }

    private bool After(long bytes, long held = 16L << 20) => _rule.IsDue(_allocated += bytes, held);
}
