using GitOpsGrains.Abstractions.Catalog;

namespace GitOpsGrains.Grains.Catalog;

/// <inheritdoc cref="ICatalogGrain"/>
[GrainType("catalog")]
public sealed class CatalogGrain(
    [PersistentState("catalog")] IPersistentState<CatalogState> state) : Grain, ICatalogGrain
{
    public async Task AddAsync(IReadOnlyList<CatalogEntry> entries)
    {
        var added = entries.Where(entry => NamesOf(entry.Kind).Add(entry.Name)).ToArray();
        if (added.Length == 0) return;
        await state.WriteStateAsync().OrUndoAsync(() =>
        {
            foreach (var entry in added) NamesOf(entry.Kind).Remove(entry.Name);
        });
    }

    public async Task RemoveAsync(IReadOnlyList<CatalogEntry> entries)
    {
        var removed = entries.Where(entry => NamesOf(entry.Kind).Remove(entry.Name)).ToArray();
        if (removed.Length == 0) return;
        await state.WriteStateAsync().OrUndoAsync(() =>
        {
            foreach (var entry in removed) NamesOf(entry.Kind).Add(entry.Name);
        });
    }

    public Task<IReadOnlyList<string>> ListAsync(CatalogKind kind) =>
        Task.FromResult<IReadOnlyList<string>>([.. NamesOf(kind)]);

    public Task<bool> HasAsync(CatalogEntry entry) => Task.FromResult(state.State.Names.TryGetValue(entry.Kind, out var names) && names.Contains(entry.Name));

    private SortedSet<string> NamesOf(CatalogKind kind)
    {
        if (!state.State.Names.TryGetValue(kind, out var names))
            state.State.Names[kind] = names = new SortedSet<string>(StringComparer.Ordinal);
        return names;
    }
}
