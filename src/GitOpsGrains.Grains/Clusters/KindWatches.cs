using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Diff;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>The watch of one kind over the whole cluster, with its snapshot and its task.</summary>
public sealed class KindWatches : IAsyncDisposable
{
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(3);

    private readonly KindSnapshot _snapshot;
    private readonly KindWatch _watch;
    private readonly CancellationTokenSource _stopping;
    private readonly Task _running;
    private readonly TimeProvider _time;

    public KindWatches(
        KindSnapshot snapshot, IClusterConnection connection, SessionLimits limits, Action<ResourceId> changed, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken)
    {
        (_snapshot, _time) = (snapshot, time);
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _watch = new KindWatch(snapshot, "", connection, limits.Relists, changed, time, logger);
        _running = Task.Run(() => _watch.RunAsync(_stopping.Token), CancellationToken.None);
    }

    public Task ListedAsync(CancellationToken cancellationToken) => _watch.Listed.WaitAsync(cancellationToken);

    public Observation Observe(ResourceId id)
    {
        var observedAt = _watch.ObservedAt;
        var live = observedAt is { } at && _time.GetUtcNow() - at < Stale;
        return new Observation(_snapshot.Find(id), live, observedAt, _watch.ResourceVersion, _snapshot.Full);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }
}

/// <summary>What a session knows of an object.</summary>
/// <param name="Object">Null: the watch shows no such object with our label.</param>
/// <param name="IsLive">The watch is fresh enough (3 minutes) to be believed.</param>
/// <param name="Through">Changes up to this resourceVersion are in.</param>
/// <param name="Full">The kind is watched whole, not only its metadata.</param>
public sealed record Observation(ObservedObject? Object, bool IsLive, DateTimeOffset? ObservedAt, string Through, bool Full)
{
    public static Observation NotWatched { get; } = new(null, false, null, "", false);
}
