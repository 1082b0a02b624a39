using GitOpsGrains.Abstractions.Repositories;

namespace GitOpsGrains.Grains.Repositories;

/// <inheritdoc cref="IRepositoryAddressGrain"/>
[GrainType("repository-address")]
public sealed class RepositoryAddressGrain(
    [PersistentState("repository-address")] IPersistentState<RepositoryAddressState> state) : Grain, IRepositoryAddressGrain
{
    public async Task AddAsync(string repository)
    {
        if (state.State.Repositories.Add(repository)) await state.WriteStateAsync().OrUndoAsync(() => state.State.Repositories.Remove(repository));
    }

    public async Task RemoveAsync(string repository)
    {
        if (!state.State.Repositories.Remove(repository)) return;
        await (state.State.Repositories.Count > 0 ? state.WriteStateAsync() : state.ClearStateAsync()).OrUndoAsync(() => state.State.Repositories.Add(repository));
    }

    public async Task PushedAsync(string address)
    {
        foreach (var repository in state.State.Repositories.ToArray())
            await GrainFactory.GetGrain<IRepositoryListener>(repository).OnPushedAsync(address);
    }
}
