using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Storage.Manifests;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>Where the key ring of a shared storage lies.</summary>
internal sealed class SharedKeyRingOptions
{
    /// <summary>A directory that all silos share.</summary>
    public string Directory { get; set; } = "";
}

/// <summary>
/// Opens the manifest store's digest key before any grain: a silo with another key ring than the storage was made with would
/// read nothing of the others, and write what they can't read.
/// </summary>
internal sealed class SharedKeyRing(IManifestStore manifests, IOptions<SharedKeyRingOptions> options) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(SharedKeyRing), ServiceLifecycleStage.RuntimeStorageServices + 1, VerifyAsync);

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (manifests is not ManifestStore store) return;
        try
        {
            await store.VerifyKeyRingAsync(cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new StorageSettingsException(
                $"the keys in '{options.Value.Directory}' are not those that the storage was made with; all silos need the same Storage:KeyDirectory", exception);
        }
    }
}
