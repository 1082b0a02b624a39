using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Engine.Health;

/// <summary>The health of an application on a cluster from that of its objects, by Argo CD's rule.</summary>
public static class ApplicationHealth
{
    /// <summary>
    /// The worst of the live objects that count. An object that is missing does not count (that it is OutOfSync says so),
    /// unless nothing is live: then all is Missing. Hooks are no part of the application: they are not given.
    /// Healthy if there are no objects.
    /// </summary>
    public static HealthStatus Of(IEnumerable<ObjectStanding> objects)
    {
        var worst = HealthStatus.Healthy;
        var (any, live) = (false, false);
        foreach (var standing in objects)
        {
            any = true;
            if (!standing.IsLive) continue;
            live = true;
            if (standing.Counts && standing.Health is { } health && health > worst) worst = health;
        }
        return any && !live ? HealthStatus.Missing : worst;
    }
}

/// <param name="IsLive">The cluster has it.</param>
/// <param name="Counts">Nothing about it asks to leave its health out.</param>
/// <param name="Health">Null if it has none.</param>
public readonly record struct ObjectStanding(bool IsLive, bool Counts, HealthStatus? Health)
{
    public static ObjectStanding Missing { get; } = new(IsLive: false, Counts: false, null);
}
