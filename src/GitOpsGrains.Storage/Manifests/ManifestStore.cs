using System.Collections.Concurrent;
using System.Security.Cryptography;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Manifests;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>
/// The manifest store over any Orleans storage provider. A blob is an index record, written last and only if absent, and
/// pieces under names of their own attempt; so two writers never mix, and a crash leaves only pieces that the catalog lists.
/// Works off the caller's scheduler.
/// </summary>
public sealed partial class ManifestStore : IManifestStore, IDisposable
{
    /// <summary>A renewal is written at most once in this time, and a removal allows for it.</summary>
    internal static readonly TimeSpan RenewalGranularity = TimeSpan.FromHours(1);

    /// <summary>An attempt without an index is given up after this time.</summary>
    internal static readonly TimeSpan AttemptGrace = TimeSpan.FromHours(1);

    /// <summary>So few stored bytes are kept within the index: one record instead of two.</summary>
    internal const int MaxBytesInIndex = 16 * 1024;

    /// <summary>Bytes of contents of which many may be in memory at a time.</summary>
    internal const int MaxSmallBytes = 64 * 1024;

    private static readonly TimeSpan AttemptLimit = AttemptGrace / 2;
    private readonly ManifestRecordStore _records;
    private readonly ManifestCatalog _catalog;
    private readonly ManifestCodec _codec;
    private readonly ManifestSweep _sweep;
    private readonly ManifestStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ManifestStore> _logger;
    private readonly SingleFlight<byte[]?> _reading;
    private readonly SingleFlight<string> _storing;
    private readonly SingleFlight<string> _storingSmall;
    private readonly SemaphoreSlim _readingLarge;
    private readonly ConcurrentDictionary<string, string> _damaged = new(StringComparer.Ordinal);
    private byte[]? _digestKey;

    /// <param name="storage">The backend's provider, used directly and not through a grain.</param>
    /// <param name="protection">The key ring; the contents are only readable with it.</param>
    public ManifestStore(
        IGrainStorage storage, IDataProtectionProvider protection, ManifestStoreOptions options, TimeProvider time,
        ILogger<ManifestStore> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _records = new ManifestRecordStore(storage);
        _catalog = new ManifestCatalog(_records);
        _codec = new ManifestCodec(protection);
        _sweep = new ManifestSweep(_records, _catalog, time);
        _reading = new SingleFlight<byte[]?>(options.SmallParallelism);
        _readingLarge = new SemaphoreSlim(options.Parallelism);
        _storing = new SingleFlight<string>(options.Parallelism);
        _storingSmall = new SingleFlight<string>(options.SmallParallelism);
    }

    /// <summary>Makes or opens the key of the keyed digest.</summary>
    /// <exception cref="InvalidDataException">The key ring is not the one that the store was made with.</exception>
    internal Task VerifyKeyRingAsync(CancellationToken cancellationToken) => Task.Run(() => DigestKeyAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.Length > ManifestCodec.MaxContentBytes)
            throw new ArgumentException(
                $"a manifest set of {content.Length} bytes is larger than the limit of {ManifestCodec.MaxContentBytes}", nameof(content));
        return Task.Run(() => AsFailureAsync(() => PutCoreAsync(content, cancellationToken)), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        if (!ManifestCodec.IsKey(key)) return null;
        StorageInstruments.ManifestRead();
        var content = await _reading.RunAsync(key, () => ReadAsync(key), cancellationToken);
        // Not an expression: a null array would convert to an empty content there.
        if (content is null) return null;
        return new ReadOnlyMemory<byte>(content);
    }

    /// <inheritdoc/>
    public Task<bool> RenewAsync(string key, CancellationToken cancellationToken) =>
        ManifestCodec.IsKey(key) ? Task.Run(async () => await RenewOrMissAsync(key, cancellationToken) is null, cancellationToken) : Task.FromResult(false);

    /// <inheritdoc/>
    public Task<int> RemoveUnrenewedAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                var start = _time.GetTimestamp();
                var (removed, failures) = await _sweep.RunAsync(before, cancellationToken);
                LogSwept(_logger, removed, before, _time.GetElapsedTime(start).TotalMilliseconds);
                return failures.Count == 0 ? removed : throw new StorageFailedException(
                    $"{failures.Count} of {ManifestCatalog.Partitions} partitions of the manifest store could not be swept: {StorageFailure.Describe(failures[0])}", failures[0]);
            },
            cancellationToken);

    public void Dispose()
    {
        _reading.Dispose();
        _readingLarge.Dispose();
        _storing.Dispose();
        _storingSmall.Dispose();
    }

    private async Task<string> PutCoreAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var digestKey = await DigestKeyAsync(cancellationToken);
        var key = ManifestCodec.KeyOf(digestKey, content.Span);
        ManifestRecord<ManifestIndex>? absent = null;
        if (!_damaged.ContainsKey(key) && (absent = await RenewOrMissAsync(key, cancellationToken)) is null) return key;
        // A copy: the caller may use its buffer again while another caller still waits for this writing.
        var copy = content.ToArray();
        var storing = copy.Length <= MaxSmallBytes ? _storingSmall : _storing;
        return await storing.RunAsync(key, () => StoreAsync(key, copy, absent), cancellationToken);
    }

    /// <summary>To a grain a record that was changed by another is its own, and ends its activation; the records here are none of its own.</summary>
    private static async Task<T> AsFailureAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (InconsistentStateException failure)
        {
            throw new StorageFailedException("the manifest store's records were changed by others meanwhile", failure);
        }
    }

    /// <param name="absent">The index as it was looked for and not found, or found damaged; null when it was not looked for.</param>
    private async Task<string> StoreAsync(string key, byte[] content, ManifestRecord<ManifestIndex>? absent)
    {
        var begun = _time.GetUtcNow();
        var stored = _codec.Seal(content);
        var isSmall = stored.Length <= MaxBytesInIndex;
        var index = new ManifestIndex
        {
            Attempt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
            Data = isSmall ? stored : null,
            Chunks = isSmall ? 0 : (stored.Length + _options.ChunkBytes - 1) / _options.ChunkBytes,
            StoredLength = stored.Length,
            StoredDigest = Digest.Of(stored).ToString(),
            Length = content.Length,
            RenewedAt = begun,
        };
        await _catalog.AppendAsync(new CatalogEntry { Key = key, Attempt = index.Attempt, Chunks = index.Chunks, BegunAt = begun });
        if (!isSmall) await WriteChunksAsync(key, index.Attempt, stored);
        if (_time.GetUtcNow() - begun > AttemptLimit)
            throw new TimeoutException($"storing the manifest set '{key}' took longer than {AttemptLimit}; it is not stored");
        await PublishAsync(key, index, absent);
        return key;
    }

    /// <summary>Makes the blob exist. Another writer of the same content may be first: then our pieces go.</summary>
    private async Task PublishAsync(string key, ManifestIndex index, ManifestRecord<ManifestIndex>? absent)
    {
        _damaged.TryGetValue(key, out var damagedAttempt);
        // Written only if it is still absent or damaged: to look once more first would say nothing.
        for (var found = absent; ; found = null)
        {
            found ??= await _records.ReadIndexAsync(key, CancellationToken.None);
            // Ours: the write whose answer was lost was sent again, and refused because of itself.
            if (found.RecordExists && found.Value.Attempt == index.Attempt) break;
            if (found.RecordExists && !found.Value.Damaged && found.Value.Attempt != damagedAttempt)
            {
                await _records.RemoveChunksAsync(key, index.Attempt, index.Chunks, CancellationToken.None);
                break;
            }

            var replaced = found.RecordExists;
            found.Value = index;
            if (!await _records.TryWriteIndexAsync(key, found, CancellationToken.None)) continue;
            if (replaced) LogRepaired(_logger, key);
            break;
        }

        _damaged.TryRemove(key, out _);
    }

    private Task WriteChunksAsync(string key, string attempt, byte[] stored)
    {
        var chunks = stored.Chunk(_options.ChunkBytes).Select((data, number) => (data, number));
        var options = new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism };
        return Parallel.ForEachAsync(chunks, options, async (chunk, token) =>
            await _records.WriteChunkAsync(key, attempt, chunk.number, chunk.data, token));
    }

    private async Task<byte[]?> ReadAsync(string key)
    {
        // Removed and written again between index and pieces: the second look finds the new pieces.
        for (var tries = 0; ; tries++)
        {
            var index = await _records.ReadIndexAsync(key, CancellationToken.None);
            if (!index.RecordExists) return null;
            var isWhole = false;
            try
            {
                return await ReadContentAsync(key, index.Value, () => isWhole = true);
            }
            catch (InvalidDataException exception)
            {
                var now = await _records.ReadIndexAsync(key, CancellationToken.None);
                if (tries < 3 && (!now.RecordExists || now.Value.Attempt != index.Value.Attempt)) continue;
                _damaged[key] = index.Value.Attempt;
                LogDamaged(_logger, exception, key);
                // What is whole and can't be decrypted is damaged to this silo alone, which may lack a key.
                if (!isWhole) await FlagAsync(key, now, index.Value.Attempt);
                throw;
            }
        }
    }

    /// <summary>Says that the blob is damaged to all silos: the one that stores it again is mostly another.</summary>
    private async Task FlagAsync(string key, ManifestRecord<ManifestIndex> index, string attempt)
    {
        try
        {
            while (index.RecordExists && index.Value.Attempt == attempt && !index.Value.Damaged)
            {
                index.Value.Damaged = true;
                if (await _records.TryWriteIndexAsync(key, index, CancellationToken.None)) return;
                index = await _records.ReadIndexAsync(key, CancellationToken.None);
            }
        }
        catch (Exception failure)
        {
            // The damage itself is what the reader has to hear of.
            LogNotFlagged(_logger, failure, key);
        }
    }

    /// <param name="isWhole">Told when the stored bytes are those that were written.</param>
    private async Task<byte[]> ReadContentAsync(string key, ManifestIndex index, Action isWhole)
    {
        var isLarge = index.Length > MaxSmallBytes || index.StoredLength > MaxSmallBytes;
        if (isLarge) await _readingLarge.WaitAsync();
        try
        {
            var stored = await ReadStoredAsync(key, index);
            isWhole();
            return _codec.Open(stored, index.Length, key, await DigestKeyAsync(CancellationToken.None));
        }
        finally
        {
            if (isLarge) _readingLarge.Release();
        }
    }

    private async Task<byte[]> ReadStoredAsync(string key, ManifestIndex index)
    {
        if (index.StoredLength is < 0 or > ManifestCodec.MaxStoredBytes || index.Chunks < 0 || index.Chunks > (index.StoredLength / 1024) + 1)
            throw ManifestCodec.Damaged(key, "its index is out of range", null);
        if (index.Data is { } data) return Checked(key, index, data);
        var pieces = new byte[index.Chunks][];
        await Parallel.ForAsync(0, pieces.Length, new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism }, async (number, token) =>
            pieces[number] = await _records.ReadChunkAsync(key, index.Attempt, number, token)
                ?? throw ManifestCodec.Damaged(key, $"piece {number + 1} of {pieces.Length} is missing", null));
        return Checked(key, index, pieces.Length == 1 ? pieces[0] : Join(pieces));
    }

    private static byte[] Checked(string key, ManifestIndex index, byte[] stored)
    {
        if (stored.Length != index.StoredLength || Digest.Of(stored).ToString() != index.StoredDigest)
            throw ManifestCodec.Damaged(key, "the stored bytes have changed", null);
        return stored;
    }

    private static byte[] Join(byte[][] pieces)
    {
        var joined = new byte[pieces.Sum(piece => piece.Length)];
        var offset = 0;
        foreach (var piece in pieces)
        {
            piece.CopyTo(joined, offset);
            offset += piece.Length;
        }

        return joined;
    }

    /// <summary>Null when it is there and renewed; else the record that there is not, or that is known to be damaged.</summary>
    private async Task<ManifestRecord<ManifestIndex>?> RenewOrMissAsync(string key, CancellationToken cancellationToken)
    {
        while (true)
        {
            var index = await _records.ReadIndexAsync(key, cancellationToken);
            if (!index.RecordExists || index.Value.Damaged) return index;
            var now = _time.GetUtcNow();
            if (now - index.Value.RenewedAt < RenewalGranularity) return null;
            index.Value.RenewedAt = now;
            if (await _records.TryWriteIndexAsync(key, index, cancellationToken)) return null;
        }
    }

    /// <summary>The key of the keyed digest: whoever is first makes it, and all read what was stored.</summary>
    private async Task<byte[]> DigestKeyAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _digestKey) is { } known) return known;
        var record = await _records.ReadDigestKeyAsync(cancellationToken);
        if (!record.RecordExists)
        {
            record.Value = new ManifestDigestKey { Protected = _codec.NewDigestKey() };
            await _records.TryWriteDigestKeyAsync(record, cancellationToken);
            record = await _records.ReadDigestKeyAsync(cancellationToken);
        }

        var key = _codec.OpenDigestKey(record.Value.Protected);
        Volatile.Write(ref _digestKey, key);
        return key;
    }
}
