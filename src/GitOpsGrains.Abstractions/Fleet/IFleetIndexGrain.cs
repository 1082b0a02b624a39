using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Fleet;

/// <summary>
/// One of <see cref="Catalog.CatalogPartitions.Count"/> partitions of the read model of all applications, in memory: the
/// applications whose names are in the catalog's partition of the same number. Key: that number.
/// </summary>
[Alias("gog.IFleetIndexGrain")]
public interface IFleetIndexGrain : IGrainWithIntegerKey
{
    /// <summary>The first applications of this partition in the query's order. Errors: <see cref="GrainRefusedException"/> for a selector that can't be read.</summary>
    [AlwaysInterleave, Alias("Find")]
    Task<FleetPage> FindAsync(FleetQuery query);

    /// <summary>Reads these applications' rows: whoever stored them finds them in the next list.</summary>
    [AlwaysInterleave, Alias("Note")]
    Task NoteAsync(IReadOnlyList<string> applications);
}

/// <summary>News of applications, told again until they have arrived; whatever is lost nevertheless, each tells its row again with its reminder.</summary>
/// <remarks>By the name under which older silos know it.</remarks>
[Alias("gog.IFleetIndexListener"), GrainInterfaceType("GitOpsGrains.Abstractions.Fleet.IFleetIndexListener")]
public interface IFleetIndexInbox : IGrainWithIntegerKey
{
    [AlwaysInterleave, Alias("OnRows")]
    Task OnRowsAsync(IReadOnlyList<FleetRow> rows);
}

/// <param name="Total">Of all pages.</param>
/// <param name="Partial">Not all applications of the partition have told their rows since it began.</param>
[GenerateSerializer, Immutable, Alias("gog.FleetPage")]
public sealed record FleetPage([property: Id(0)] IReadOnlyList<FleetPosition> Found, [property: Id(1)] int Total, [property: Id(2)] bool Partial);
