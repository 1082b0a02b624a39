using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Engine.Tests.Policy;

public sealed class HostBudgetTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(5);

    [Fact]
    public void TakePoll_MoreThanABurst_IsSpreadAtTheRate()
    {
        var budget = new HostBudget(10, 30);
        var waits = Enumerable.Range(0, 1000).Select(_ => budget.TakePoll(Start)).ToArray();
        Assert.Equal(30, waits.Count(wait => wait == TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(0.1), waits[30]);
        Assert.Equal(TimeSpan.FromSeconds(97), waits[^1]);
    }

    [Fact]
    public void TakePoll_AfterAQuietTime_HasOneBurstAgainAndNotMore()
    {
        var budget = new HostBudget(10, 30);
        for (var i = 0; i < 30; i++) budget.TakePoll(Start);
        Assert.NotEqual(TimeSpan.Zero, budget.TakePoll(Start));
        var later = Start + TimeSpan.FromHours(1);
        Assert.Equal(30, Enumerable.Range(0, 100).Count(_ => budget.TakePoll(later) == TimeSpan.Zero));
    }

    [Fact]
    public void TakeUrgent_WhilePollsQueue_DoesNotWaitForThem()
    {
        var budget = new HostBudget(10, 30);
        for (var i = 0; i < 1000; i++) budget.TakePoll(Start);
        Assert.Equal(TimeSpan.Zero, budget.TakeUrgent(Start));
        for (var i = 0; i < 1000; i++) budget.TakeUrgent(Start);
        Assert.NotEqual(TimeSpan.Zero, budget.TakeUrgent(Start));
    }

    [Fact]
    public void Pause_TheLongestHolds_AndNoneIsForEver()
    {
        var budget = new HostBudget(10, 30);
        Assert.Equal(TimeSpan.Zero, budget.PausedFor(Start));
        budget.Pause(Start, TimeSpan.FromMinutes(5));
        budget.Pause(Start, TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(5), budget.PausedFor(Start));
        Assert.Equal(TimeSpan.FromMinutes(1), budget.PausedFor(Start + TimeSpan.FromMinutes(4)));
        Assert.Equal(TimeSpan.Zero, budget.PausedFor(Start + TimeSpan.FromMinutes(5)));
        budget.Pause(Start, TimeSpan.FromDays(400));
        Assert.Equal(HostBudget.LongestPause, budget.PausedFor(Start));
    }
}
