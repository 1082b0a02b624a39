using System.Collections.Concurrent;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Git.Mirrors;
using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Fetching;

/// <summary>Joins the packs of mirrors after fetches, beside whoever waits for the fetched commit. The next fetch of that mirror waits.</summary>
internal sealed partial class PackMaintenance(GitExecutors executors, IOptions<GitOptions> options, ILogger<PackMaintenance> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Mirror, Task> _running = new();
    private readonly CancellationTokenSource _stopping = new();

    public void AfterFetch(Mirror mirror)
    {
        if (!PackJoiner.HasMany(mirror.Folder, options.Value.MaxPacks)) return;
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_running.TryAdd(mirror, finished.Task)) _ = RunAsync(mirror, finished);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values);
        _stopping.Dispose();
    }

    private async Task RunAsync(Mirror mirror, TaskCompletionSource finished)
    {
        try
        {
            await mirror.Gate.WaitAsync(_stopping.Token);
            try
            {
                if (await executors.Fetching.RunAsync(() => PackJoiner.Join(mirror.Folder), _stopping.Token)) mirror.CloseAll();
            }
            finally
            {
                mirror.Gate.Release();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception failure) when (failure is LibGit2SharpException or IOException or UnauthorizedAccessException)
        {
            // Nothing is lost: the packs are as they were, and the next fetch tries again.
            LogNotJoined(mirror.Folder, failure);
        }
        finally
        {
            _running.TryRemove(mirror, out _);
            finished.SetResult();
        }
    }

    [LoggerMessage(4002, Microsoft.Extensions.Logging.LogLevel.Warning, "The packs of {Mirror} could not be joined")]
    private partial void LogNotJoined(string mirror, Exception failure);
}
