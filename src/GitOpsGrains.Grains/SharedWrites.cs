namespace GitOpsGrains.Grains;

/// <summary>
/// Durable writes of one state, one after another: two at once would carry the same etag, and the second would be refused as if
/// another activation had written. Whoever asks while one is under way shares the next with all others who ask: a thousand
/// applications that subscribe to a repository at once are two writes. Used on one grain's scheduler.
/// </summary>
internal sealed class SharedWrites(Func<Task> write)
{
    private Task _last = Task.CompletedTask;

    /// <summary>The write that is under way, or was.</summary>
    private Task _running = Task.CompletedTask;

    /// <summary>The last one has not begun.</summary>
    private bool _waits;

    /// <summary>
    /// Stores the state as it is when the write's turn comes, which is with all that it holds now. A failure is told to all who share it,
    /// before the next write begins: what they undo then is not stored.
    /// </summary>
    public Task RunAsync() => _waits ? _last : _last = _last.IsCompleted ? _running = write() : AfterAsync(_last);

    /// <summary>
    /// Completes when all that is in memory now is stored: for whoever finds there what it wants, and has to rely on it. Errors: those of
    /// the writes that are asked for: what was in memory may have been undone.
    /// </summary>
    public Task StoredAsync() => _last.IsCompleted ? Task.CompletedTask : _waits ? Task.WhenAll(_running, _last) : _last;

    /// <summary>
    /// Completes when nothing is asked for any more, however it ended: what is in memory then is stored, or was undone. Also what is
    /// asked for while it waits, since that is in memory too.
    /// </summary>
    public async Task EndedAsync()
    {
        while (!_last.IsCompleted) await _last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task AfterAsync(Task before)
    {
        _waits = true;
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _waits = false;
        await (_running = write());
    }
}
