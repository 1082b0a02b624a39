using GitOpsGrains.Kubernetes.Budget;
using GitOpsGrains.Testing.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class RequestBudgetTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Acquire_BeyondTheLimit_WaitsInOrder()
    {
        var budget = new RequestBudget(2, 2, 0.5, _time);
        var slots = await TakeAsync(budget, 2);
        var third = budget.AcquireAsync(RequestLane.Normal, default).AsTask();
        var fourth = budget.AcquireAsync(RequestLane.Normal, default).AsTask();
        Assert.False(third.IsCompleted || fourth.IsCompleted);

        slots[0].Succeed();
        await third.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.False(fourth.IsCompleted);
        slots[1].Dispose();
        slots[1].Dispose();

        await fourth.WaitAsync(TimeSpan.FromSeconds(5));
    }

    /// <summary>A sync of thousands of objects must not keep others from being looked at.</summary>
    [Fact]
    public async Task Acquire_CheckBehindManyOthers_HasItsShare()
    {
        var budget = new RequestBudget(10, 10, 0.1, _time);
        var slots = await TakeAsync(budget, 10);
        var waiting = Enumerable.Range(0, 100).Select(_ => budget.AcquireAsync(RequestLane.Normal, default).AsTask()).ToArray();
        var checks = Enumerable.Range(0, 2).Select(_ => budget.AcquireAsync(RequestLane.Checks, default).AsTask()).ToArray();

        slots[0].Succeed();
        await checks[0].WaitAsync(TimeSpan.FromSeconds(5));
        slots[1].Succeed();
        await waiting[0].WaitAsync(TimeSpan.FromSeconds(5));

        Assert.False(checks[1].IsCompleted);
    }

    [Fact]
    public async Task Acquire_ThatHasToWait_IsCounted()
    {
        using var measured = new Measured("gitopsgrains.kubernetes.throttled");
        var budget = new RequestBudget(2, 2, 0.5, _time);
        var slots = await TakeAsync(budget, 2);
        Assert.Equal([], measured.Sums);

        var third = budget.AcquireAsync(RequestLane.Normal, default).AsTask();
        slots[0].Succeed();
        await third.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal([("gitopsgrains.kubernetes.throttled", 1d)], measured.Sums);
    }

    [Fact]
    public async Task Acquire_Cancelled_LeavesItsPlaceToTheNext()
    {
        var budget = new RequestBudget(1, 1, 1, _time);
        var slots = await TakeAsync(budget, 1);
        using var stop = new CancellationTokenSource();
        var cancelled = budget.AcquireAsync(RequestLane.Normal, stop.Token).AsTask();
        var next = budget.AcquireAsync(RequestLane.Normal, default).AsTask();

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        slots[0].Succeed();

        await next.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Overload_OfAWholeRound_HalvesOnce()
    {
        var budget = new RequestBudget(32, 64, 0.1, _time);
        var round = await TakeAsync(budget, 32);

        foreach (var slot in round) slot.Overload(null);
        Assert.Equal(16, budget.Concurrency);
        (await TakeAsync(budget, 1))[0].Overload(null);

        Assert.Equal(8, budget.Concurrency);
    }

    [Fact]
    public async Task Overload_AgainAndAgain_KeepsTwo()
    {
        var budget = new RequestBudget(32, 64, 0.1, _time);

        for (var round = 0; round < 20; round++) (await TakeAsync(budget, 1))[0].Overload(null);

        Assert.Equal(2, budget.Concurrency);
    }

    [Fact]
    public async Task Succeed_OfFullRounds_GrowsByOneEachUpToTheLargest()
    {
        var budget = new RequestBudget(4, 6, 0.1, _time);
        for (var number = 0; number < 4; number++) await SucceedFullAsync(budget);
        Assert.Equal(4, budget.Concurrency);
        await SucceedFullAsync(budget);
        Assert.Equal(5, budget.Concurrency);

        for (var number = 0; number < 50; number++) await SucceedFullAsync(budget);

        Assert.Equal(6, budget.Concurrency);
    }

    [Fact]
    public async Task Succeed_WithoutPressure_DoesNotGrow()
    {
        var budget = new RequestBudget(4, 64, 0.1, _time);

        for (var number = 0; number < 100; number++) (await TakeAsync(budget, 1))[0].Succeed();

        Assert.Equal(4, budget.Concurrency);
    }

    [Fact]
    public async Task Overload_WithRetryAfter_StopsAllUntilThen()
    {
        var budget = new RequestBudget(8, 8, 0.1, _time);
        (await TakeAsync(budget, 1))[0].Overload(TimeSpan.FromSeconds(5));
        var waiting = budget.AcquireAsync(RequestLane.Normal, default).AsTask();

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Acquire_ForChecks_TakesATenthAndLeavesTheRest()
    {
        var budget = new RequestBudget(20, 20, 0.1, _time);
        var checks = new[] { await budget.AcquireAsync(RequestLane.Checks, default), await budget.AcquireAsync(RequestLane.Checks, default) };
        var third = budget.AcquireAsync(RequestLane.Checks, default).AsTask();

        await TakeAsync(budget, 18);
        Assert.False(third.IsCompleted);
        checks[0].Succeed();

        await third.WaitAsync(TimeSpan.FromSeconds(5));
    }

    private static async Task SucceedFullAsync(RequestBudget budget)
    {
        var slots = await TakeAsync(budget, budget.Concurrency);
        slots[0].Succeed();
        foreach (var slot in slots[1..]) slot.Dispose();
    }

    private static async Task<RequestBudget.Slot[]> TakeAsync(RequestBudget budget, int count)
    {
        var slots = new RequestBudget.Slot[count];
        for (var number = 0; number < count; number++)
            slots[number] = await budget.AcquireAsync(RequestLane.Normal, default).AsTask().WaitAsync(TimeSpan.FromSeconds(5));
        return slots;
    }
}
