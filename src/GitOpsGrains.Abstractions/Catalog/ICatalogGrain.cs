using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Catalog;

/// <summary>
/// One of <see cref="CatalogPartitions.Count"/> partitions of the names of everything that exists, durable before a
/// document is acknowledged. Key: the partition's number.
/// </summary>
[Alias("gog.ICatalogGrain")]
public interface ICatalogGrain : IGrainWithIntegerKey
{
    [AlwaysInterleave, Alias("Add")]
    Task AddAsync(IReadOnlyList<CatalogEntry> entries);

    [AlwaysInterleave, Alias("Remove")]
    Task RemoveAsync(IReadOnlyList<CatalogEntry> entries);

    [AlwaysInterleave, Alias("Has")]
    Task<bool> HasAsync(CatalogEntry entry);

    /// <summary>In ordinal order of names.</summary>
    [AlwaysInterleave, Alias("List")]
    Task<IReadOnlyList<string>> ListAsync(CatalogKind kind);
}

[GenerateSerializer, Alias("gog.CatalogKind")]
public enum CatalogKind
{
    Repository = 0,
    Project = 1,
    Cluster = 2,
    Application = 3,
    Target = 4,
    RepositoryCredentials = 5,
    Credential = 6,
}

/// <param name="Name">The grain's key.</param>
[GenerateSerializer, Immutable, Alias("gog.CatalogEntry")]
public sealed record CatalogEntry([property: Id(0)] CatalogKind Kind, [property: Id(1)] string Name);
