using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Projects;
using GitOpsGrains.Abstractions.Repositories;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>
/// The names of documents in the catalog. A name is there before its document is acknowledged, and goes after it: what is stored under
/// no name is in no list, no backup, and wakes up no more.
/// </summary>
internal static class DocumentNames
{
    /// <summary>The document is deleted. One of the same name that was stored meanwhile keeps it.</summary>
    public static async Task LeaveAsync(IGrainFactory grains, CatalogEntry name)
    {
        await CatalogPartitions.RemoveAsync(grains, [name]);
        if (await IsThereAsync(grains, name)) await CatalogPartitions.AddAsync(grains, [name]);
    }

    /// <summary>Some documents were refused: those of them that have never been there leave no name behind.</summary>
    public static async Task LeaveAbsentAsync(IGrainFactory grains, IReadOnlyList<CatalogEntry> names, int fanOut)
    {
        foreach (var window in names.Chunk(fanOut))
        {
            var there = await Task.WhenAll(window.Select(name => IsThereAsync(grains, name)));
            await CatalogPartitions.RemoveAsync(grains, window.Where((_, index) => !there[index]));
        }
    }

    public static async Task<bool> IsThereAsync(IGrainFactory grains, CatalogEntry name) => name.Kind switch
    {
        CatalogKind.Repository => await grains.GetGrain<IRepositoryGrain>(name.Name).GetAsync() is not null,
        CatalogKind.Cluster => await grains.GetGrain<IClusterGrain>(name.Name).GetAsync() is not null,
        CatalogKind.Project => await grains.GetGrain<IProjectGrain>(name.Name).GetAsync() is not null,
        CatalogKind.Application => await grains.GetGrain<IApplicationGrain>(name.Name).GetAsync() is not null,
        CatalogKind.RepositoryCredentials => await grains.GetGrain<IRepositoryCredentialsGrain>(0).GetAsync(name.Name) is not null,
        CatalogKind.Credential => await grains.GetGrain<ICredentialGrain>(name.Name).DescribeAsync() is not null,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name.Kind, "not the name of a document"),
    };
}
