using System.Collections.Concurrent;
using System.Collections.Immutable;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Abstractions.Installations;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// The open line to one cluster on this silo: connection, kinds, watches, digests, and who claims what. A plain class:
/// targets of this silo use it directly, from any thread.
/// </summary>
public sealed partial class ClusterSession : IAsyncDisposable
{
    private static readonly TimeSpan LeavePause = TimeSpan.FromMilliseconds(20);

    private readonly ClusterAccess _access;
    private readonly IClusterConnector _connector;
    private readonly Func<string, string?> _twin;
    private readonly Func<string, string, Task<bool>> _isRegistered;
    private readonly InstallationIdentity _installation;
    private readonly HealthAssessor _health;
    private readonly SessionLimits _limits;
    private readonly Func<int> _clusters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<(string Group, string Kind), KindWatches> _kinds = [];
    private readonly ConcurrentDictionary<ResourceId, string> _leaving = [];
    private readonly ConcurrentDictionary<string, ITargetEvents> _targets = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableHashSet<string> _expected;
    private volatile string? _acceptedIdentity;
    private Task? _running;
    private SessionState _state = SessionState.Connecting;
    private volatile StoreEpochs _epochs = new();

    public ClusterSession(ClusterSessionSettings settings, IClusterConnector connector, SessionLimits limits, TimeProvider time, ILogger logger)
    {
        (_access, _acceptedIdentity, _installation, _twin, _isRegistered) = (settings.Access, settings.AcceptedIdentity, settings.Installation, settings.Twin, settings.IsRegistered);
        (Namespaces, _health, _clusters, _isSuccessor) = (settings.Namespaces, settings.Health, settings.Clusters, settings.IsSuccessor);
        (_connector, _limits, _time, _logger) = (connector, limits, time, logger);
        _expected = [.. settings.Targets];
    }

    public string Name => _access.Name;

    public InstallationIdentity Installation => _installation;

    /// <summary>The only namespaces that may be watched and written; none means the whole cluster.</summary>
    public IReadOnlyList<string> Namespaces { get; }

    /// <summary>uid of kube-system that was accepted for this cluster; null before the first contact.</summary>
    public string? AcceptedIdentity => _acceptedIdentity;

    public ClaimTable Claims { get; } = new();

    public SessionState State => Volatile.Read(ref _state);

    /// <summary>Completes after the first attempt to reach the cluster, good or bad.</summary>
    public Task Tried => _tried.Task;

    /// <summary>Raised when the server's identity is first seen, for the ClusterGrain to store.</summary>
    public event Action<string>? IdentitySeen;

    public void Start() => _running = Task.Run(RunAsync);

    public void Attach(string target, ITargetEvents events) => _targets[target] = events;

    public void Detach(string target, ITargetEvents events)
    {
        _targets.TryRemove(new(target, events));
        foreach (var id in _leaving.Where(entry => entry.Value == target).Select(entry => entry.Key)) Unfollow(id, target);
    }

    /// <summary>Replaces what a target desires, and tells the targets that came to own an object by it.</summary>
    /// <param name="held">What it has applied before; null: as it was.</param>
    /// <param name="named">What its manifests have beside that and it does not apply; null: nothing.</param>
    public void Claim(string target, IReadOnlySet<ResourceId> desired, IReadOnlySet<ResourceId>? held = null, IReadOnlySet<ResourceId>? named = null)
    {
        foreach (var promoted in Claims.Replace(target, desired, held, named))
            if (_targets.TryGetValue(promoted, out var events)) events.OnSessionChanged();
    }

    /// <summary>The target lets go of everything that it claimed.</summary>
    public void Unclaim(string target)
    {
        foreach (var promoted in Claims.Remove(target))
            if (_targets.TryGetValue(promoted, out var events)) events.OnSessionChanged();
    }

    /// <summary>An object that a target holds and no longer desires: nobody claims it, and what becomes of it is still news to the target.</summary>
    public void Follow(ResourceId id, string target) => _leaving[id] = target;

    public void Unfollow(ResourceId id, string target) => _leaving.TryRemove(new(id, target));

    /// <summary>One more target of this cluster; one by one, since a cluster may have thousands, which come all at once.</summary>
    public void ExpectAlso(string target) => _expected = _expected.Add(target);

    public void ExpectNoMore(string target) => _expected = _expected.Remove(target);

    /// <summary>Expected targets that have not said yet what they desire.</summary>
    public IReadOnlyList<string> Silent => [.. _expected.Except(Claims.Targets, StringComparer.Ordinal)];

    /// <summary>Expected targets that have not said yet what they desire now: one of them may want what leaves another.</summary>
    public IReadOnlyList<string> Undecided => [.. _expected.Except(Claims.Decided, StringComparer.Ordinal)];

    public int ObjectCount => _kinds.Values.Sum(watches => watches.Count);

    /// <summary>The oldest moment that any watch vouches for; null when nothing is watched.</summary>
    public DateTimeOffset? ObservedAt => _kinds.IsEmpty ? null : _kinds.Values.Min(watches => watches.ObservedAt);

    /// <summary>
    /// The watches of these kinds are fresh enough to be believed. A kind that others had and that is gone, or may not be
    /// listed, says nothing about these.
    /// </summary>
    public bool IsLive(IEnumerable<(string Group, string Kind)> kinds) => kinds.All(kind => !_kinds.TryGetValue(kind, out var watches) || watches.IsLive);

    /// <summary>The oldest moment that a watch of these kinds vouches for; null when none of them is watched.</summary>
    public DateTimeOffset? ObservedAtOf(IEnumerable<(string Group, string Kind)> kinds) => kinds.Min(kind => _kinds.GetValueOrDefault(kind)?.ObservedAt);

    /// <summary>Asks the server for its identity now; false when it is another one, or does not answer.</summary>
    public async Task<bool> IsSameClusterAsync(CancellationToken cancellationToken)
    {
        if (_state is not { IsReady: true, Connection: { } connection }) return false;
        var server = await connection.ReadServerAsync(cancellationToken);
        return server.IsSuccess && server.Value.Identity == _acceptedIdentity;
    }

    /// <summary>A person says that this cluster is ours now, whoever held it: its identity and its Lease. Returns the identity, or why not.</summary>
    public async Task<(string? Identity, string? Error)> TakeOverAsync(CancellationToken cancellationToken)
    {
        if (_state.Connection is not { } connection) return (null, _state.Condition?.Message ?? "it is not connected");
        var server = await connection.ReadServerAsync(cancellationToken);
        if (!server.IsSuccess) return (null, server.Error.Message);
        var catalog = await connection.DiscoverAsync(fresh: true, cancellationToken);
        if (!catalog.IsSuccess) return (null, catalog.Error.Message);
        if (await InstallationLease.TakeAsync(connection, catalog.Value, _installation, Name, cancellationToken) is { } error) return (null, error.Message);
        _acceptedIdentity = server.Value.Identity;
        LookNow();
        return (server.Value.Identity, null);
    }

    /// <summary>
    /// Watches kinds in the namespaces where they are wanted, from now on. Returns the kinds that can't be watched now, with
    /// the reason; all others have been listed once.
    /// </summary>
    public async Task<IReadOnlyList<(ApiResource Resource, ClusterError Error)>> WatchAsync(
        IEnumerable<(ApiResource Resource, string Namespace)> wanted, CancellationToken cancellationToken)
    {
        var failed = new List<(ApiResource, ClusterError)>();
        foreach (var kind in wanted.GroupBy(item => (item.Resource.Group, item.Resource.Kind)))
        {
            var resource = kind.First().Resource;
            var isReopened = await CloseUnservedAsync(kind.Key, resource);
            var watches = _kinds.GetOrAdd(kind.Key, _ => Open(resource));
            var namespaces = kind.Select(item => item.Namespace).Distinct(StringComparer.Ordinal).ToArray();
            if (await watches.EnsureAsync(namespaces, cancellationToken) is { } error) failed.Add((resource, error));
            if (isReopened) TellTargets();
        }
        return failed;
    }

    /// <summary>A kind that is watched in a version which the server has ceased to serve is to be watched in this one.</summary>
    private async Task<bool> CloseUnservedAsync((string Group, string Kind) kind, ApiResource wanted)
    {
        if (!_kinds.TryGetValue(kind, out var watches) || watches.Resource.Version == wanted.Version) return false;
        if (State.Catalog?.Find(kind.Group, watches.Resource.Version, kind.Kind) is not null || !_kinds.TryRemove(new(kind, watches))) return false;
        await watches.DisposeAsync();
        return true;
    }

    /// <summary>The targets put to rest what will not be read soon.</summary>
    public async Task RestAsync(CancellationToken cancellationToken)
    {
        foreach (var events in _targets.Values) await events.RestAsync().WaitAsync(cancellationToken);
    }

    /// <summary>What the watch of its kind shows of an object.</summary>
    public Observation Observe(ResourceId id) =>
        _kinds.TryGetValue((id.Group, id.Kind), out var watches) ? watches.Observe(id) : _epochs.NotWatched;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_running is not null) await _running;
        await CloseWatchesAsync();
        if (_state.Connection is { } connection) await connection.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task CloseWatchesAsync()
    {
        foreach (var kind in _kinds.Keys)
            if (_kinds.TryRemove(kind, out var watches)) await watches.DisposeAsync();
    }

    private KindWatches Open(ApiResource resource)
    {
        var connection = _state.Connection ?? throw new InvalidOperationException("a session without a connection can't watch");
        var snapshot = new KindSnapshot(resource, _health);
        var events = new WatchEvents(OnChanged, TellTargets, LookAtLost, _returned);
        return new KindWatches(snapshot, Namespaces.Count > 0, connection, _limits, _epochs, events, _time, _logger, _stopping.Token);
    }

    private void OnChanged(ResourceId id)
    {
        if ((Claims.OwnerOf(id) ?? _leaving.GetValueOrDefault(id)) is not { } target) NoteUnclaimed(id);
        else if (_targets.TryGetValue(target, out var events)) events.OnObjectChanged(id);
    }

    /// <summary>Sends the targets to another silo and waits until they are gone; one that takes longer finds its session closed.</summary>
    public Task LeaveAsync(string home, TimeSpan longest)
    {
        foreach (var events in _targets.Values) events.OnSessionLeaving(home);
        return EmptyAsync(longest);
    }

    /// <summary>Waits until all targets are gone.</summary>
    public async Task EmptyAsync(TimeSpan longest)
    {
        var began = _time.GetTimestamp();
        while (_targets.Keys.Any(target => target.Length > 0) && _time.GetElapsedTime(began) < longest) await Task.Delay(LeavePause, _time);
    }

    private void TellTargets()
    {
        foreach (var events in _targets.Values) events.OnSessionChanged();
    }
}

/// <summary>What a session knows of its cluster at one moment. Ready: reachable, the accepted identity, the lease is ours.</summary>
public sealed record SessionState(IClusterConnection? Connection, ApiCatalog? Catalog, string Version, Condition? Condition, Condition? Notice)
{
    public static SessionState Connecting { get; } = new(null, null, "", null, null);

    public bool IsReady => Condition is null && Connection is not null && Catalog is not null;

    public static SessionState Failed(IClusterConnection? connection, Condition condition) => new(connection, null, "", condition, null);
}

/// <param name="Namespaces">The only ones that may be watched and written; none means the whole cluster.</param>
/// <param name="AcceptedIdentity">uid of kube-system as stored; null before the first contact.</param>
/// <param name="Twin">The name of another cluster document with this identity, or null.</param>
/// <param name="Targets">Those that this cluster has by its durable state; until each has said what it desires, nothing is pruned.</param>
/// <param name="Clusters">How many this silo serves.</param>
/// <param name="IsSuccessor">This silo had a session to the cluster before.</param>
public sealed record ClusterSessionSettings(
    ClusterAccess Access, IReadOnlyList<string> Namespaces, string? AcceptedIdentity, InstallationIdentity Installation, Func<string, string?> Twin, Func<string, string, Task<bool>> IsRegistered,
    IEnumerable<string> Targets, HealthAssessor Health, Func<int> Clusters, bool IsSuccessor = false);

/// <summary>Bounds that the sessions of one silo share.</summary>
public sealed record SessionLimits(SemaphoreSlim Relists, SemaphoreSlim Connects);
