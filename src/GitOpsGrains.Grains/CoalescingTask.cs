namespace GitOpsGrains.Grains;

/// <summary>
/// Runs one piece of work at a time for any number of callers. Used on one grain's scheduler; the work itself must not throw
/// for what it can report otherwise: an exception reaches the callers of that run.
/// </summary>
public sealed class CoalescingTask(Func<Task> work)
{
    private Task? _running;
    private Task? _next;

    /// <summary>Joins the run under way or about to begin, or starts one.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        if (_next is not null) return _next.WaitAsync(cancellationToken);
        if (_running is null or { IsCompleted: true }) _running = Begin();
        return _running.WaitAsync(cancellationToken);
    }

    /// <summary>Waits for a run that begins after this call: one under way may have looked too early.</summary>
    public Task RunFreshAsync(CancellationToken cancellationToken)
    {
        if (_next is null)
        {
            if (_running is null or { IsCompleted: true }) return RunAsync(cancellationToken);
            _next = FollowAsync(_running);
        }
        return _next.WaitAsync(cancellationToken);
    }

    /// <summary>Until this begins its run it is the one that late callers join, so that two never run at once.</summary>
    private async Task FollowAsync(Task before)
    {
        await before.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Current);
        _next = null;
        await Begin();
    }

    private Task Begin()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Before the work begins: what it asks for in its very first turn is to follow it, not to run beside it.
        _running = ended.Task;
        _ = work().ContinueWith(ended.SetFromTask, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return ended.Task;
    }
}
