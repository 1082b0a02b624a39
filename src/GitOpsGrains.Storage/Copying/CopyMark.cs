using GitOpsGrains.Storage.Hosting;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Copying;

/// <summary>Stands in a storage from the first record that is copied into it to the last: no silo starts on a part of the data.</summary>
internal sealed class CopyMark
{
    private const string State = "copy";
    private static readonly GrainId Id = GrainId.Create("gogcopy", "target");

    public int Version { get; set; } = 1;

    /// <summary>Digest of the grains' records that are being copied: a copy of others may not go on with it.</summary>
    public string Source { get; set; } = "";

    public static async Task<GrainState<CopyMark>> ReadAsync(IGrainStorage storage, CancellationToken cancellationToken)
    {
        var mark = new GrainState<CopyMark>(new CopyMark());
        await storage.ReadStateAsync(State, Id, mark, cancellationToken);
        return mark;
    }

    public static Task WriteAsync(IGrainStorage storage, GrainState<CopyMark> mark, CancellationToken cancellationToken) =>
        storage.WriteStateAsync(State, Id, mark, cancellationToken);

    public static Task ClearAsync(IGrainStorage storage, GrainState<CopyMark> mark, CancellationToken cancellationToken) =>
        storage.ClearStateAsync(State, Id, mark, cancellationToken);
}

/// <summary>Refuses the start of a silo on a storage that a copy was not finished into.</summary>
internal sealed class CopyMarkCheck(StorageBackend backend) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(CopyMarkCheck), ServiceLifecycleStage.RuntimeStorageServices + 1, CheckAsync);

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if ((await CopyMark.ReadAsync(backend.State, cancellationToken)).RecordExists)
            throw new StorageSettingsException("a copy into this storage was begun and has not ended; run the same copy again, or empty the storage");
    }
}
