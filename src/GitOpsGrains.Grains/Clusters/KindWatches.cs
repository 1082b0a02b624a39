using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// The watches of one kind with their common snapshot: one over the whole cluster, or one in each namespace where the
/// cluster's document names namespaces or the server forbids the kind cluster-wide.
/// </summary>
public sealed class KindWatches : IAsyncDisposable
{
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(3);

    private readonly KindSnapshot _snapshot;
    private readonly Func<string, KindWatch> _open;
    private readonly StoreEpochs _epochs;
    private readonly Action _listed;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping;
    private readonly ConcurrentDictionary<string, Running> _watches = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _taken = new(StringComparer.Ordinal);
    private volatile bool _perNamespace;

    /// <param name="perNamespace">Never watch cluster-wide.</param>
    public KindWatches(
        KindSnapshot snapshot, bool perNamespace, IClusterConnection connection, SessionLimits limits, StoreEpochs epochs,
        WatchEvents events, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        (_snapshot, _perNamespace, _epochs, _listed, _time) = (snapshot, perNamespace && snapshot.Resource.Namespaced, epochs, events.Listed, time);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _open = scope => new KindWatch(snapshot, scope, connection, limits.Relists, epochs, events, time, logger);
    }

    /// <summary>In the version that is watched.</summary>
    public ApiResource Resource => _snapshot.Resource;

    public int Count => _snapshot.Objects.Count();

    /// <summary>The oldest moment that a watch vouches for; null before the first list.</summary>
    public DateTimeOffset? ObservedAt
    {
        get
        {
            DateTimeOffset? oldest = null;
            // Not its values: they are copied under all of its locks.
            foreach (var (_, running) in _watches)
            {
                if (running.Watch.ObservedAt is not { } at) return null;
                if (oldest is null || at < oldest) oldest = at;
            }
            return oldest;
        }
    }

    /// <summary>The server went back to an older state, or may have, since the watches began.</summary>
    public bool HasGoneBack => _watches.Any(running => running.Value.Watch.Epoch != _epochs.First);

    public bool IsLive => ObservedAt is { } at && _time.GetUtcNow() - at < Stale;

    /// <summary>Watches the kind where these namespaces are; returns why that is not possible, or null when the first list is in.</summary>
    public async Task<ClusterError?> EnsureAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellationToken)
    {
        if (!_perNamespace)
        {
            var error = await TryAsync("", cancellationToken);
            if (error is not { Kind: ClusterErrorKind.Forbidden } || !_snapshot.Resource.Namespaced) return error;
            _perNamespace = true;
            await StopAsync("");
        }
        // One that can't be watched keeps none of the others from it.
        var errors = await Task.WhenAll(namespaces.Select(scope => TryAsync(scope, cancellationToken)));
        return errors.FirstOrDefault(error => error is not null);
    }

    public Observation Observe(ResourceId id)
    {
        if (!_watches.TryGetValue(_perNamespace ? id.Namespace : "", out var running) || !running.Watch.Listed.IsCompletedSuccessfully) return _epochs.NotWatched;
        // Before the object: what the watch is up to must be in what it shows.
        var (through, epoch) = (running.Watch.ResourceVersion, running.Watch.Epoch);
        return new Observation(_snapshot.Find(id), through, epoch);
    }

    /// <summary>The objects in the scopes whose first list came in since this was asked last.</summary>
    public IEnumerable<(ResourceId Id, ObservedObject Object)> TakeListed()
    {
        var scopes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (scope, running) in _watches)
            if (running.Watch.Listed.IsCompletedSuccessfully && _taken.TryAdd(scope, true)) scopes.Add(scope);
        return scopes.Count == 0 ? [] : _snapshot.All.Where(item => scopes.Contains("") || scopes.Contains(item.Id.Namespace));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var running in _watches.Values) await running.Task;
        _stopping.Dispose();
    }

    private async Task<ClusterError?> TryAsync(string scope, CancellationToken cancellationToken)
    {
        var running = _watches.GetOrAdd(scope, Start);
        await running.Watch.Tried.WaitAsync(cancellationToken);
        return running.Watch.Listed.IsCompleted ? null : running.Watch.LastError;
    }

    private Running Start(string scope)
    {
        var watch = _open(scope);
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var task = Task.Run(() => watch.RunAsync(stopping.Token), CancellationToken.None);
        // Whoever gave up on the first attempt hears of a later one that succeeds.
        _ = watch.Tried.ContinueWith(_ =>
        {
            if (!watch.Listed.IsCompleted) watch.Listed.ContinueWith(_ => _listed(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return new Running(watch, task, stopping);
    }

    private async Task StopAsync(string scope)
    {
        if (!_watches.TryRemove(scope, out var running)) return;
        await running.Stopping.CancelAsync();
        await running.Task;
        running.Stopping.Dispose();
    }

    private sealed record Running(KindWatch Watch, Task Task, CancellationTokenSource Stopping);
}

/// <summary>What a session knows of an object.</summary>
/// <param name="Object">Null: the watch shows no such object with our label.</param>
/// <param name="Through">Changes up to this resourceVersion are in; "" when the kind is not watched, or is being listed anew.</param>
/// <param name="Epoch">Of the server's store: resourceVersions of another epoch say nothing about these.</param>
public sealed record Observation(ObservedObject? Object, string Through, int Epoch)
{
    public bool IsWatched => Through.Length > 0;

    /// <summary>The object as it is by all that is known, or null: by what was read or written last, where the watch is still behind that.</summary>
    /// <param name="epoch">That <paramref name="last"/> is of.</param>
    public ObservedObject? Current(ObservedObject last, int epoch)
    {
        if (!IsWatched) return Object is not null && epoch == Epoch && ResourceVersions.IsBefore(last.ResourceVersion, Object.ResourceVersion) ? Object : last;
        if (epoch != Epoch) return Object;
        // A server that has forgotten its past counts far beyond an object that it shows as it was long ago.
        var upTo = Object is not null && ResourceVersions.IsBefore(Through, Object.ResourceVersion) ? Object.ResourceVersion : Through;
        return ResourceVersions.IsBefore(upTo, last.ResourceVersion) ? last : Object;
    }
}

/// <summary>What a session and its watches tell each other.</summary>
/// <param name="Changed">An object came, went or is another.</param>
/// <param name="Listed">A kind whose first list failed is in after all, or one was listed anew: what happened in between is in no event.</param>
/// <param name="Lost">A watch or a list failed in a way that says that the server may be away.</param>
/// <param name="Returned">Raised by the session when the server is there again.</param>
public sealed record WatchEvents(Action<ResourceId> Changed, Action Listed, Action Lost, ChangeSignal Returned);
