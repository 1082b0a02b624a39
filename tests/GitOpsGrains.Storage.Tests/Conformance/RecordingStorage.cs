using System.Collections.Concurrent;
using GitOpsGrains.Storage.Manifests;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>Passes everything through, remembers the pieces that were written, and fails on demand.</summary>
internal sealed class RecordingStorage(IGrainStorage inner) : IGrainStorage
{
    private readonly ConcurrentDictionary<GrainId, byte[]> _chunks = new();

    private readonly ConcurrentDictionary<GrainId, byte[]> _inIndex = new();

    private readonly ConcurrentDictionary<string, bool> _lost = new(StringComparer.Ordinal);

    private int _held;

    public bool FailIndexWrites { get; set; }

    /// <summary>The first write of an index, and that of a piece, is done and then refused: what an SDK says that sends a write again whose answer was lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Why a record can't be read; null: it can.</summary>
    public Func<string, GrainId, Exception?> ReadFailure { get; set; } = (_, _) => null;

    /// <summary>Writes of an index end when this does.</summary>
    public TaskCompletionSource? HoldsIndexWrites { get; set; }

    public int LostAnswers => _lost.Count;

    public int HeldIndexWrites => _held;

    public IReadOnlyCollection<byte[]> Chunks => [.. _chunks.Values];

    /// <summary>The contents that were few bytes.</summary>
    public IReadOnlyCollection<byte[]> InIndex => [.. _inIndex.Values];

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadFailure(stateName, grainId) is { } failure ? throw failure : inner.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (FailIndexWrites && grainState.State is ManifestIndex) throw new IOException("the index can't be written");
        if (HoldsIndexWrites is { } holds && grainState.State is ManifestIndex)
        {
            Interlocked.Increment(ref _held);
            await holds.Task;
        }
        await inner.WriteStateAsync(stateName, grainId, grainState);
        if (grainState.State is ManifestChunk chunk) _chunks[grainId] = chunk.Data;
        if (grainState.State is ManifestIndex { Data: { } data }) _inIndex[grainId] = data;
        if (LosesAnswers && grainState.State is ManifestIndex or ManifestChunk && _lost.TryAdd(stateName, true))
            throw new InconsistentStateException("the record is there already");
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ClearStateAsync(stateName, grainId, grainState);

    /// <summary>How many of the pieces written through here are still stored.</summary>
    public async Task<int> CountChunksAsync()
    {
        var count = 0;
        foreach (var id in _chunks.Keys)
            if ((await ReadChunkAsync(id)).RecordExists)
                count++;
        return count;
    }

    public async Task RemoveOneChunkAsync()
    {
        var id = _chunks.Keys.First();
        await inner.ClearStateAsync("chunk", id, await ReadChunkAsync(id));
    }

    public async Task ChangeOneChunkAsync()
    {
        var id = _chunks.Keys.First();
        var chunk = await ReadChunkAsync(id);
        chunk.Value.Data[^1] ^= 1;
        await inner.WriteStateAsync("chunk", id, chunk);
    }

    public async Task ChangeOneIndexAsync()
    {
        var id = _inIndex.Keys.First();
        var index = new ManifestRecord<ManifestIndex>();
        await inner.ReadStateAsync("index", id, index);
        index.Value.Data![^1] ^= 1;
        await inner.WriteStateAsync("index", id, index);
    }

    private async Task<ManifestRecord<ManifestChunk>> ReadChunkAsync(GrainId id)
    {
        var chunk = new ManifestRecord<ManifestChunk>();
        await inner.ReadStateAsync("chunk", id, chunk);
        return chunk;
    }
}
