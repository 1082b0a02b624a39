namespace GitOpsGrains.Grains;

/// <summary>
/// Durable writes of one state, one after another: two at once would carry the same etag, and the second would be refused as if
/// another activation had written. Whoever asks while one is under way shares the next with all others who ask: a thousand
/// applications that subscribe to a repository at once are two writes. Used on one grain's scheduler.
/// </summary>
internal sealed class SharedWrites(Func<Task> write)
{
    private Task _running = Task.CompletedTask;
    private Task? _next;

    /// <summary>
    /// Stores the state as it is when the write's turn comes, which is with all that it holds now. A failure is told to all who share it; the next
    /// write runs all the same.
    /// </summary>
    public Task RunAsync() => _next ?? (_running.IsCompleted ? _running = write() : _next = AfterAsync(_running));

    /// <summary>Completes when what was asked for until now has ended, as it may: what is in memory then is stored, or was undone.</summary>
    public async Task EndedAsync() =>
        await (_next ?? _running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    private async Task AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _next = null;
        await (_running = write());
    }
}
