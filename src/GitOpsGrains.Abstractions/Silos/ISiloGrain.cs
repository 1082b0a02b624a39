using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Silos;

/// <summary>
/// What one silo says of itself. Key: the silo's address, as <see cref="SiloAddress.ToParsableString"/> writes it; the asker
/// sets <see cref="PlacementHint"/> to that silo, and a grain that came to lie elsewhere says nothing.
/// </summary>
[Alias("gog.ISiloGrain")]
public interface ISiloGrain : IGrainWithStringKey
{
    /// <summary>Name of the request context's entry with the <see cref="SiloAddress"/> at which a new activation is placed.</summary>
    const string PlacementHint = Orleans.Runtime.Placement.IPlacementDirector.PlacementHintKey;

    /// <summary>Null when it is not on the silo of its key.</summary>
    [AlwaysInterleave, Alias("Describe")]
    Task<SiloSummary?> DescribeAsync();
}

[GenerateSerializer, Immutable, Alias("gog.SiloSummary")]
public sealed record SiloSummary
{
    /// <summary>Of the program.</summary>
    [Id(0)] public string Version { get; init; } = "";

    /// <summary>Names of the clusters that it serves, in ordinal order.</summary>
    [Id(1)] public IReadOnlyList<string> Clusters { get; init; } = [];
}
