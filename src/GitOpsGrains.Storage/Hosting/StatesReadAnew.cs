using Orleans.Core;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// A grain that moves to another silo is read there from the storage, as after a crash: what it holds in memory may be what the
/// storage has refused, and is in the form of the version that made it. The runtime would carry it along by its own serializer,
/// which states are not made for, and log an error for each.
/// </summary>
internal sealed class StatesReadAnew : IPersistentStateFactory
{
    private readonly PersistentStateFactory _factory = new();

    public IPersistentState<TState> Create<TState>(IGrainContext context, IPersistentStateConfiguration config)
    {
        var state = _factory.Create<TState>(context, config);
        if (state is IGrainMigrationParticipant participant) context.ObservableLifecycle.RemoveMigrationParticipant(participant);
        return state;
    }
}
