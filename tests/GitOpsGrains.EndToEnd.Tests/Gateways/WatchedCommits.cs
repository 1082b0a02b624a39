using System.Collections.Concurrent;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>The revisions that one watch of a gateway tells; the stream may not end while it is looked at.</summary>
internal sealed class WatchedCommits : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, bool> _revisions = new();
    private readonly Task _reading;

    private WatchedCommits(FleetApi api) => _reading = Task.Run(() => ReadAsync(api));

    public static WatchedCommits Begin(FleetApi api) => new(api);

    /// <summary>The stream that was opened first is open still, and tells this commit.</summary>
    public async Task AssertAsync(string revision)
    {
        await Eventually.TrueAsync(() => _reading.IsCompleted || _revisions.ContainsKey(revision), $"{revision} in the watch");
        Assert.False(_reading.IsCompleted, "the watch ended");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(FleetApi api)
    {
        try
        {
            await foreach (var item in api.WatchAsync(_stop.Token))
                if (item.Data.Revision is { } revision) _revisions[revision] = true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }
}
