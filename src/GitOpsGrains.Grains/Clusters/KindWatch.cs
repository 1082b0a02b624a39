using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// Keeps a <see cref="KindSnapshot"/> equal to the cluster for one scope: a paged list, then a watch from there. Before a
/// watch is resumed the server's resourceVersion is compared with the last one seen: a lower one is a restored etcd, whose
/// watch would be deaf, so everything is listed again; so it is when the server was away meanwhile, since a restored one may
/// have counted beyond what was seen before.
/// </summary>
public sealed partial class KindWatch(
    KindSnapshot snapshot, string scope, IClusterConnection connection, SemaphoreSlim relists, StoreEpochs epochs,
    WatchEvents events, TimeProvider time, ILogger logger)
{
    private const int PageSize = 500;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _began = time.GetTimestamp();
    private string _resourceVersion = "";
    private long _seen;
    private int _failures;
    private int _epoch = epochs.First;
    private bool _isRestored;
    private bool _wasAway;

    public string Scope => scope;

    /// <summary>Completes after the first attempt to list, good or bad.</summary>
    public Task Tried => _tried.Task;

    /// <summary>Completes when the first list is in.</summary>
    public Task Listed => _listed.Task;

    /// <summary>The answer of the last failed attempt; null while the watch runs.</summary>
    public ClusterError? LastError { get; private set; }

    /// <summary>The cluster was as the snapshot says at this moment; null before the first list.</summary>
    public DateTimeOffset? ObservedAt => _listed.Task.IsCompleted
        ? time.GetUtcNow() - time.GetElapsedTime(_began + Volatile.Read(ref _seen))
        : null;

    /// <summary>The newest resourceVersion seen; changes up to it are in the snapshot.</summary>
    public string ResourceVersion => Volatile.Read(ref _resourceVersion);

    /// <summary>Rises when the server went back to an older state, or may have: resourceVersions of different epochs can't be compared.</summary>
    public int Epoch => Volatile.Read(ref _epoch);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var (began, returned) = (time.GetTimestamp(), events.Returned.Next);
                var error = await AttemptAsync(cancellationToken);
                if (time.GetElapsedTime(began) > LongestPause) _failures = 0;
                LastError = error;
                _tried.TrySetResult();
                if (error is null) continue;
                if (error.Kind == ClusterErrorKind.Gone) Volatile.Write(ref _resourceVersion, "");
                LogInterrupted(snapshot.Resource.Kind, scope, error.Kind, error.Message);
                if (error.IsOfCluster) events.Lost();
                if (error.Kind is not (ClusterErrorKind.Gone or ClusterErrorKind.TimedOut)) await PauseAsync(error, returned, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                _tried.TrySetResult();
                return;
            }
        }
    }

    private async Task<ClusterError?> AttemptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ListIfNeededAsync(cancellationToken) ?? await WatchAsync(cancellationToken);
        }
#pragma warning disable CA1031 // The top of a loop: reported as this watch's error, and tried again.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return new ClusterError(ClusterErrorKind.Unreachable, 0, $"the watch ended with an error of the program: {failure.GetType().Name}: {failure.Message}");
        }
    }

    /// <summary>Longer each time, and over as soon as the session finds the server there again: it was away then, and may be a restored one.</summary>
    private async Task PauseAsync(ClusterError error, Task returned, CancellationToken cancellationToken)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Min(_failures++, 10));
        if (error.RetryAfter is { } asked && asked > pause) pause = asked;
        try
        {
            await returned.WaitAsync(pause < LongestPause ? pause : LongestPause, time, cancellationToken);
            (_failures, _wasAway) = (0, true);
        }
        catch (TimeoutException)
        {
            // The pause is over.
        }
    }

    private async Task<ClusterError?> ListIfNeededAsync(CancellationToken cancellationToken)
    {
        if (_resourceVersion.Length > 0)
        {
            var probe = await connection.ListAsync(snapshot.Resource, Query(1, null), cancellationToken);
            if (!probe.IsSuccess)
            {
                _wasAway |= probe.Error.IsOfCluster;
                return probe.Error;
            }
            if (ResourceVersions.IsBefore(probe.Value.ResourceVersion, _resourceVersion)) LogWentBack(snapshot.Resource.Kind, scope, _resourceVersion, probe.Value.ResourceVersion);
            else if (_wasAway) LogWasAway(snapshot.Resource.Kind, scope);
            else return null;
            // The numbers that are given out now may have been given out before, for other states.
            _isRestored = true;
            Volatile.Write(ref _epoch, StoreEpochs.Next());
            Volatile.Write(ref _resourceVersion, "");
        }
        await relists.WaitAsync(cancellationToken);
        try
        {
            return await ListAsync(cancellationToken);
        }
        finally
        {
            relists.Release();
        }
    }

    private async Task<ClusterError?> ListAsync(CancellationToken cancellationToken)
    {
        var listed = new Dictionary<ResourceId, ObservedObject>();
        string? next = null;
        string version;
        do
        {
            var page = await connection.ListAsync(snapshot.Resource, Query(PageSize, next), cancellationToken);
            if (!page.IsSuccess) return page.Error;
            foreach (var live in page.Value.Objects) listed[live.Id] = snapshot.Observe(live);
            (next, version) = (page.Value.Continue, page.Value.ResourceVersion);
        }
        while (next is not null);
        var changed = snapshot.Replace(scope, listed, _isRestored);
        (_isRestored, _wasAway) = (false, false);
        // Before anybody hears of it: what is not watched is taken to be as it was written last.
        Saw(version);
        LastError = null;
        var isFirst = _listed.TrySetResult();
        foreach (var id in changed) events.Changed(id);
        _tried.TrySetResult();
        // What was made and lost while nobody watched is in neither list.
        if (!isFirst) events.Listed();
        return null;
    }

    private async Task<ClusterError?> WatchAsync(CancellationToken cancellationToken)
    {
        var query = new WatchQuery(scope, Tracking.Selector, !snapshot.Full, _resourceVersion);
        await foreach (var happened in connection.WatchAsync(snapshot.Resource, query, cancellationToken))
        {
            if (happened.Kind == WatchEventKind.Error) return happened.Error;
            _failures = 0;
            LastError = null;
            if (happened.Object is { } live) Take(happened.Kind, live);
            if (happened.ResourceVersion.Length > 0) Saw(happened.ResourceVersion);
            else Volatile.Write(ref _seen, time.GetTimestamp() - _began);
            // Last: whoever looks must see that the watch is up to this change, also where it left no object.
            if (happened.Object is { } changed) events.Changed(changed.Id);
        }
        return null;
    }

    private void Take(WatchEventKind kind, Engine.Resources.LiveObject live)
    {
        if (kind == WatchEventKind.Deleted) snapshot.Remove(live.Id);
        else snapshot.Set(live.Id, snapshot.Observe(live));
    }

    private void Saw(string resourceVersion)
    {
        Volatile.Write(ref _resourceVersion, resourceVersion);
        Volatile.Write(ref _seen, time.GetTimestamp() - _began);
    }

    private ListQuery Query(int limit, string? next) => new(scope, Tracking.Selector, !snapshot.Full, limit, next);

    [LoggerMessage(2301, LogLevel.Information, "Watch of {Kind} in '{Scope}' was interrupted ({Error}): {Message}")]
    private partial void LogInterrupted(string kind, string scope, ClusterErrorKind error, string message);

    [LoggerMessage(2302, LogLevel.Warning, "Watch of {Kind} in '{Scope}': the server went back from resourceVersion {Before} to {Now}; listing again")]
    private partial void LogWentBack(string kind, string scope, string before, string now);

    [LoggerMessage(2303, LogLevel.Information, "Watch of {Kind} in '{Scope}': the server was away; listing again")]
    private partial void LogWasAway(string kind, string scope);
}
