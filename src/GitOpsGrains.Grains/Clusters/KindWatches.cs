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

    public int Count => _snapshot.Objects.Count();

    public DateTimeOffset? ObservedAt => _watch.ObservedAt;

    public bool IsLive => ObservedAt is { } at && _time.GetUtcNow() - at < Stale;

    public Observation Observe(ResourceId id) => new(_snapshot.Find(id), _watch.ResourceVersion, _watch.Epoch);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }
}

/// <summary>What a session knows of an object.</summary>
/// <param name="Object">Null: the watch shows no such object with our label.</param>
/// <param name="Through">Changes up to this resourceVersion are in; "" when the kind is not watched, or is being listed anew.</param>
/// <param name="Epoch">Of the server's store: resourceVersions of another epoch say nothing about these.</param>
public sealed record Observation(ObservedObject? Object, string Through, int Epoch)
{
    public static Observation NotWatched { get; } = new(null, "", 0);
}
