using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// The open storage of a silo, or of a command that needs no silo. Opens before any grain, closes after the last one.
/// </summary>
public abstract class StorageBackend : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    /// <summary>Of all grains.</summary>
    internal abstract IGrainStorage State { get; }

    /// <summary>Of the manifest store, apart from the grains'.</summary>
    internal abstract IGrainStorage Manifests { get; }

    /// <summary>Where the key ring lies.</summary>
    internal abstract string KeyDirectory { get; }

    /// <summary>Says within a bounded time whether the server is there and lets us in. Nothing to ask for the embedded kind.</summary>
    /// <exception cref="StorageUnavailableException">It is not, or does not.</exception>
    public virtual Task ProbeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Why writes fail, as the last one did; null when it didn't. For a shared server: why it has failed for a while.</summary>
    public virtual StorageFault? Fault => null;

    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Safe to call again.</summary>
    public abstract Task CloseAsync();

    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle observer) =>
        observer.Subscribe(GetType().Name, ServiceLifecycleStage.RuntimeStorageServices, OpenAsync, _ => CloseAsync());

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }
}
