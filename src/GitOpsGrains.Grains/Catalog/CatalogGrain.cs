using GitOpsGrains.Abstractions.Catalog;

namespace GitOpsGrains.Grains.Catalog;

/// <inheritdoc cref="ICatalogGrain"/>
[GrainType("catalog")]
public sealed class CatalogGrain(
    [PersistentState("catalog")] IPersistentState<CatalogState> state) : Grain, ICatalogGrain
{
    public async Task AddAsync(IReadOnlyList<CatalogEntry> entries)
    {
        var changed = false;
        foreach (var entry in entries)
            changed |= NamesOf(entry.Kind).Add(entry.Name);
        if (changed) await state.WriteStateAsync();
    }

    public async Task RemoveAsync(IReadOnlyList<CatalogEntry> entries)
    {
        var changed = false;
        foreach (var entry in entries)
            changed |= NamesOf(entry.Kind).Remove(entry.Name);
        if (changed) await state.WriteStateAsync();
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
