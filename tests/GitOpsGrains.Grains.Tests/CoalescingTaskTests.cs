namespace GitOpsGrains.Grains.Tests;

public sealed class CoalescingTaskTests
{
    private readonly List<TaskCompletionSource> _runs = [];
    private readonly CoalescingTask _task;

    public CoalescingTaskTests() => _task = new CoalescingTask(() =>
    {
        _runs.Add(new TaskCompletionSource());
        return _runs[^1].Task;
    });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WhileOneRuns_JoinsIt()
    {
        var first = _task.RunAsync(Token);
        var second = _task.RunAsync(Token);
        _runs[0].SetResult();

        await Task.WhenAll(first, second);
        Assert.Single(_runs);
    }

    [Fact]
    public async Task RunFresh_WhileOneRuns_WaitsForOneThatBeginsLater()
    {
        _ = _task.RunAsync(Token);
        var fresh = _task.RunFreshAsync(Token);
        var alsoFresh = _task.RunFreshAsync(Token);
        _runs[0].SetResult();
        await Testing.Eventually.TrueAsync(() => _runs.Count == 2, "the run that follows");
        Assert.False(fresh.IsCompleted);

        _runs[1].SetResult();
        await Task.WhenAll(fresh, alsoFresh);
        Assert.Equal(2, _runs.Count);
    }

    [Fact]
    public async Task RunFresh_AskedForByARunInItsFirstTurn_FollowsThatRun()
    {
        var runs = new List<TaskCompletionSource>();
        CoalescingTask? task = null;
        Task? fresh = null;
        task = new CoalescingTask(() =>
        {
            runs.Add(new TaskCompletionSource());
            if (runs.Count == 1) fresh = task!.RunFreshAsync(Token);
            return runs[^1].Task;
        });

        var first = task.RunAsync(Token);
        Assert.Single(runs);
        runs[0].SetResult();
        await first;
        await Testing.Eventually.TrueAsync(() => runs.Count == 2, "the run that follows");
        Assert.False(fresh!.IsCompleted);

        runs[1].SetResult();
        await fresh;
    }

    [Fact]
    public async Task RunFresh_AfterAFailedRun_RunsAllTheSame()
    {
        var first = _task.RunAsync(Token);
        var fresh = _task.RunFreshAsync(Token);
        _runs[0].SetException(new InvalidOperationException("broken"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        await Testing.Eventually.TrueAsync(() => _runs.Count == 2, "the run that follows");

        _runs[1].SetResult();
        await fresh;
    }

    [Fact]
    public async Task Run_CallerThatGivesUp_LeavesTheRunAlone()
    {
        using var impatient = new CancellationTokenSource();
        var gone = _task.RunAsync(impatient.Token);
        var stays = _task.RunAsync(Token);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        _runs[0].SetResult();
        await stays;
        Assert.Single(_runs);
    }
}
