using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Installations;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Health;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>The open sessions of this silo, by cluster. ClusterGrains open and close them; targets find them here.</summary>
public sealed class ClusterSessions(IClusterConnector connector, HealthAssessor health, TimeProvider time, ILogger<ClusterSession> logger) : IAsyncDisposable
{
    private const int MaxRelists = 8;
    private const int MaxConnects = 64;

    private readonly ConcurrentDictionary<string, ClusterSession> _open = new(StringComparer.Ordinal);

    /// <summary>The clusters that had a session here at any time.</summary>
    private readonly ConcurrentDictionary<string, bool> _served = new(StringComparer.Ordinal);
    private readonly SessionLimits _limits = new(new SemaphoreSlim(MaxRelists), new SemaphoreSlim(MaxConnects));

    /// <summary>How the objects of all clusters are assessed.</summary>
    public HealthAssessor Health => health;

    /// <summary>Of the clusters that this silo serves, in ordinal order.</summary>
    public IReadOnlyList<string> Names => [.. _open.Keys.Order(StringComparer.Ordinal)];

    public ClusterSession? Find(string cluster) => _open.GetValueOrDefault(cluster);

    /// <param name="targets">Those that the cluster has by its durable state.</param>
    /// <param name="isRegistered">Whether the document of a name is there and has met the server of an identity.</param>
    public ClusterSession Open(
        ClusterAccess access, IReadOnlyList<string> namespaces, string? acceptedIdentity, InstallationIdentity installation, IEnumerable<string> targets, Func<string, string, Task<bool>> isRegistered, Action<string> identitySeen)
    {
        var settings = new ClusterSessionSettings(
            access, namespaces, acceptedIdentity, installation, identity => TwinOf(access.Name, identity), isRegistered, targets, health, () => _open.Count, !_served.TryAdd(access.Name, true));
        var session = new ClusterSession(settings, connector, _limits, time, logger);
        session.IdentitySeen += identitySeen;
        if (!_open.TryAdd(access.Name, session)) throw new InvalidOperationException($"cluster {access.Name} has an open session already");
        session.Start();
        return session;
    }

    private string? TwinOf(string cluster, string identity) =>
        _open.Values.FirstOrDefault(session => session.Name != cluster && session.AcceptedIdentity == identity)?.Name;

    public async Task CloseAsync(string cluster)
    {
        if (_open.TryRemove(cluster, out var session)) await session.DisposeAsync();
    }

    /// <summary>As <see cref="ITargetEvents.RestAsync"/>, of all targets, one after the other.</summary>
    public async Task RestAsync(CancellationToken cancellationToken)
    {
        foreach (var session in _open.Values) await session.RestAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _open.Keys) await CloseAsync(cluster);
        _limits.Relists.Dispose();
        _limits.Connects.Dispose();
    }
}
