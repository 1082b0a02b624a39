using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Abstractions.Catalog;

/// <summary>Which partition holds a name. Persisted: neither the count nor the hash ever changes.</summary>
public static class CatalogPartitions
{
    public const int Count = 16;

    public static int Of(string name) => NameHash.PartOf(name, Count);

    public static IEnumerable<ICatalogGrain> All(IGrainFactory grains) =>
        Enumerable.Range(0, Count).Select(partition => grains.GetGrain<ICatalogGrain>(partition));

    public static async Task AddAsync(IGrainFactory grains, IEnumerable<CatalogEntry> entries) =>
        await Task.WhenAll(entries.GroupBy(entry => Of(entry.Name))
            .Select(group => grains.GetGrain<ICatalogGrain>(group.Key).AddAsync([.. group])));

    public static async Task RemoveAsync(IGrainFactory grains, IEnumerable<CatalogEntry> entries) =>
        await Task.WhenAll(entries.GroupBy(entry => Of(entry.Name))
            .Select(group => grains.GetGrain<ICatalogGrain>(group.Key).RemoveAsync([.. group])));

    /// <summary>All names of a kind in ordinal order.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(IGrainFactory grains, CatalogKind kind)
    {
        var lists = await Task.WhenAll(All(grains).Select(grain => grain.ListAsync(kind)));
        var names = lists.SelectMany(list => list).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }
}
