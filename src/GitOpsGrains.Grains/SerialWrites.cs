namespace GitOpsGrains.Grains;

/// <summary>
/// Runs durable writes of one state one after another: two at once would carry the same etag, and the second would be
/// refused as if another activation had written. Used on one grain's scheduler.
/// </summary>
internal sealed class SerialWrites
{
    private Task _last = Task.CompletedTask;

    /// <summary>Each write takes the state as it is when its turn comes. A failed one is its caller's; the next runs all the same.</summary>
    public Task RunAsync(Func<Task> write) => _last = AfterAsync(_last, write);

    private static async Task AfterAsync(Task before, Func<Task> write)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await write();
    }
}
