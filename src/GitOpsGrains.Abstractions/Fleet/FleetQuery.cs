using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Abstractions.Fleet;

/// <summary>Which applications are wanted, in which order, from where on. Members that are null or empty do not restrict.</summary>
[GenerateSerializer, Immutable, Alias("gog.FleetQuery")]
public sealed record FleetQuery
{
    [Id(0)] public string? Project { get; init; }
    [Id(1)] public string? Cluster { get; init; }
    [Id(2)] public SyncStatus? Sync { get; init; }
    [Id(3)] public HealthStatus? Health { get; init; }

    /// <summary>Read by <see cref="LabelSelector"/>.</summary>
    [Id(4)] public string? Selector { get; init; }

    /// <summary>Part of project/name, in any case.</summary>
    [Id(5)] public string? Part { get; init; }
    [Id(6)] public FleetOrder Order { get; init; }
    [Id(7)] public bool Descending { get; init; }
    [Id(8)] public FleetPosition? After { get; init; }
    [Id(9)] public int Limit { get; init; }
}

/// <summary>What a list is sorted by first; project and name follow.</summary>
[GenerateSerializer, Alias("gog.FleetOrder")]
public enum FleetOrder
{
    Name = 0,

    /// <summary>The worst first.</summary>
    Health = 1,

    /// <summary>What is not synced first.</summary>
    Sync = 2,
}

/// <summary>Where an application stands in an order. It outlives changes of the list, and of the application.</summary>
[GenerateSerializer, Immutable, Alias("gog.FleetPosition")]
public readonly record struct FleetPosition([property: Id(0)] int Rank, [property: Id(1)] string Application) : IComparable<FleetPosition>
{
    public static FleetPosition Of(FleetRow row, FleetOrder order) => new(order switch
    {
        FleetOrder.Health => -(int)row.Health,
        FleetOrder.Sync => row.Sync == SyncStatus.Synced ? 1 : 0,
        _ => 0,
    }, row.Application);

    public int CompareTo(FleetPosition other)
    {
        if (Rank != other.Rank) return Rank.CompareTo(other.Rank);
        // A name's characters may come before the slash: projects are compared first.
        var (own, others) = (Application.IndexOf('/', StringComparison.Ordinal), other.Application.IndexOf('/', StringComparison.Ordinal));
        var byProject = Application.AsSpan(0, own).SequenceCompareTo(other.Application.AsSpan(0, others));
        return byProject != 0 ? byProject : Application.AsSpan(own).SequenceCompareTo(other.Application.AsSpan(others));
    }

    public static bool operator <(FleetPosition left, FleetPosition right) => left.CompareTo(right) < 0;
    public static bool operator >(FleetPosition left, FleetPosition right) => left.CompareTo(right) > 0;
    public static bool operator <=(FleetPosition left, FleetPosition right) => left.CompareTo(right) <= 0;
    public static bool operator >=(FleetPosition left, FleetPosition right) => left.CompareTo(right) >= 0;
}
