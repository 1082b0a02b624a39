using System.Globalization;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>The records of the manifest store over any Orleans storage provider, by name. No grain stands behind the ids.</summary>
internal sealed class ManifestRecordStore(IGrainStorage storage)
{
    private const string IndexState = "index", ChunkState = "chunk", HeadState = "head", PageState = "page", DigestKeyState = "digestkey";
    private static readonly GrainType Type = GrainType.Create("gogmanifest");

    public static (string State, GrainId Grain) DigestKeyRecord => (DigestKeyState, Id("store"));

    public static (string State, GrainId Grain) IndexRecord(string key) => (IndexState, Id(key));

    public static (string State, GrainId Grain) ChunkRecord(string key, string attempt, int number) => (ChunkState, Id(ChunkName(key, attempt, number)));

    public static (string State, GrainId Grain) HeadRecord(int partition) => (HeadState, Id(PartitionName(partition)));

    public static (string State, GrainId Grain) PageRecord(int partition, int page) => (PageState, Id(PageName(partition, page)));

    public Task<ManifestRecord<ManifestIndex>> ReadIndexAsync(string key, CancellationToken cancellationToken) =>
        ReadAsync<ManifestIndex>(IndexState, key, cancellationToken);

    public Task<bool> TryWriteIndexAsync(string key, ManifestRecord<ManifestIndex> index, CancellationToken cancellationToken) =>
        TryAsync(() => storage.WriteStateAsync(IndexState, Id(key), index, cancellationToken));

    public Task<bool> TryRemoveIndexAsync(string key, ManifestRecord<ManifestIndex> index, CancellationToken cancellationToken) =>
        TryAsync(() => storage.ClearStateAsync(IndexState, Id(key), index, cancellationToken));

    /// <summary>The piece, or null when it is not there.</summary>
    public async Task<byte[]?> ReadChunkAsync(string key, string attempt, int number, CancellationToken cancellationToken)
    {
        var chunk = await ReadAsync<ManifestChunk>(ChunkState, ChunkName(key, attempt, number), cancellationToken);
        return chunk.RecordExists ? chunk.Value.Data : null;
    }

    /// <summary>One that is there already is this one, by a write that was sent again: nobody else writes under the name of this attempt.</summary>
    public Task WriteChunkAsync(string key, string attempt, int number, byte[] data, CancellationToken cancellationToken) =>
        TryAsync(() => storage.WriteStateAsync(
            ChunkState, Id(ChunkName(key, attempt, number)), new ManifestRecord<ManifestChunk> { Value = new ManifestChunk { Data = data } }, cancellationToken));

    public async Task RemoveChunksAsync(string key, string attempt, int count, CancellationToken cancellationToken)
    {
        for (var number = 0; number < count; number++)
        {
            var name = ChunkName(key, attempt, number);
            var chunk = await ReadAsync<ManifestChunk>(ChunkState, name, cancellationToken);
            if (chunk.RecordExists) await TryAsync(() => storage.ClearStateAsync(ChunkState, Id(name), chunk, cancellationToken));
        }
    }

    public Task<ManifestRecord<CatalogHead>> ReadHeadAsync(int partition, CancellationToken cancellationToken) =>
        ReadAsync<CatalogHead>(HeadState, PartitionName(partition), cancellationToken);

    public Task<bool> TryWriteHeadAsync(int partition, ManifestRecord<CatalogHead> head, CancellationToken cancellationToken) =>
        TryAsync(() => storage.WriteStateAsync(HeadState, Id(PartitionName(partition)), head, cancellationToken));

    public Task<ManifestRecord<CatalogPage>> ReadPageAsync(int partition, int page, CancellationToken cancellationToken) =>
        ReadAsync<CatalogPage>(PageState, PageName(partition, page), cancellationToken);

    public Task<bool> TryWritePageAsync(int partition, int page, ManifestRecord<CatalogPage> state, CancellationToken cancellationToken) =>
        TryAsync(() => storage.WriteStateAsync(PageState, Id(PageName(partition, page)), state, cancellationToken));

    public Task<bool> TryRemovePageAsync(int partition, int page, ManifestRecord<CatalogPage> state, CancellationToken cancellationToken) =>
        TryAsync(() => storage.ClearStateAsync(PageState, Id(PageName(partition, page)), state, cancellationToken));

    public Task<ManifestRecord<ManifestDigestKey>> ReadDigestKeyAsync(CancellationToken cancellationToken) =>
        ReadAsync<ManifestDigestKey>(DigestKeyState, "store", cancellationToken);

    public Task<bool> TryWriteDigestKeyAsync(ManifestRecord<ManifestDigestKey> state, CancellationToken cancellationToken) =>
        TryAsync(() => storage.WriteStateAsync(DigestKeyState, Id("store"), state, cancellationToken));

    private async Task<ManifestRecord<T>> ReadAsync<T>(string state, string name, CancellationToken cancellationToken) where T : class, new()
    {
        var record = new ManifestRecord<T>();
        await storage.ReadStateAsync(state, Id(name), record, cancellationToken);
        return record;
    }

    /// <summary>False when another writer was first.</summary>
    private static async Task<bool> TryAsync(Func<Task> change)
    {
        try
        {
            await change();
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    private static GrainId Id(string name) => GrainId.Create(Type, name);

    private static string ChunkName(string key, string attempt, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{key}.{attempt}.{number}");

    private static string PartitionName(int partition) => partition.ToString("x2", CultureInfo.InvariantCulture);

    private static string PageName(int partition, int page) =>
        string.Create(CultureInfo.InvariantCulture, $"{partition:x2}.{page}");
}
