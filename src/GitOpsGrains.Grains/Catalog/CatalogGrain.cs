using GitOpsGrains.Abstractions.Catalog;

namespace GitOpsGrains.Grains.Catalog;

/// <inheritdoc cref="ICatalogGrain"/>
[GrainType("catalog")]
public sealed class CatalogGrain : Grain, ICatalogGrain
{
    private readonly IPersistentState<CatalogState> _state;

    /// <summary>Thousands of names come at once, and each write has all of the partition.</summary>
    private readonly SharedWrites _writes;

    public CatalogGrain([PersistentState("catalog")] IPersistentState<CatalogState> state)
    {
        _state = state;
        _writes = new SharedWrites(state.WriteStateAsync);
    }

    public Task AddAsync(IReadOnlyList<CatalogEntry> entries) => ChangeAsync(entries, areThere: true);

    public Task RemoveAsync(IReadOnlyList<CatalogEntry> entries) => ChangeAsync(entries, areThere: false);

    public Task<IReadOnlyList<string>> ListAsync(CatalogKind kind) =>
        Task.FromResult<IReadOnlyList<string>>([.. NamesOf(kind)]);

    public Task<bool> HasAsync(CatalogEntry entry) => Task.FromResult(_state.State.Names.TryGetValue(entry.Kind, out var names) && names.Contains(entry.Name));

    private async Task ChangeAsync(IReadOnlyList<CatalogEntry> entries, bool areThere)
    {
        // What others have changed so already may not be stored yet, and whoever is told that it is must be able to rely on it.
        if (entries.Any(entry => NamesOf(entry.Kind).Contains(entry.Name) == areThere)) await _writes.StoredAsync();
        var changed = entries.Where(entry => Change(entry, areThere)).ToArray();
        if (changed.Length == 0)
        {
            await _writes.StoredAsync();
            return;
        }
        await _writes.RunAsync().OrUndoAsync(() =>
        {
            foreach (var entry in changed) Change(entry, !areThere);
        });
    }

    private bool Change(CatalogEntry entry, bool isThere) => isThere ? NamesOf(entry.Kind).Add(entry.Name) : NamesOf(entry.Kind).Remove(entry.Name);

    private SortedSet<string> NamesOf(CatalogKind kind)
    {
        if (!_state.State.Names.TryGetValue(kind, out var names))
            _state.State.Names[kind] = names = new SortedSet<string>(StringComparer.Ordinal);
        return names;
    }
}
