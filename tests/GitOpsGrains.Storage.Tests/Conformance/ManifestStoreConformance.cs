using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Storage.Manifests;
using GitOpsGrains.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>The manifest store over a storage provider, whatever the backend.</summary>
public abstract class ManifestStoreConformance : IAsyncLifetime
{
    private readonly EphemeralDataProtectionProvider _keyRing = new();
    private IGrainStorage _storage = null!;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero));

    /// <summary>A provider on an empty storage.</summary>
    protected abstract Task<IGrainStorage> OpenAsync();

    protected abstract Task CloseAsync();

    public async ValueTask InitializeAsync() => _storage = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(512 * 1024)]
    [InlineData(3_000_000)]
    public async Task Put_ThenGetByAnotherSilo_GivesTheContent(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var key = await NewStore().PutAsync(content, default);
        Assert.Matches("^[0-9a-f]{64}$", key);
        var read = await NewStore().GetAsync(key, default);
        Assert.True(content.AsSpan().SequenceEqual(read!.Value.Span));
    }

    [Fact]
    public async Task Put_TheSameContent_GivesTheSameKeyOnAllSilos()
    {
        var content = Encoding.UTF8.GetBytes("kind: ConfigMap");
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => NewStore().PutAsync(content, default)));
        Assert.Single(keys.Distinct());
        Assert.NotEqual(Convert.ToHexStringLower(SHA256.HashData(content)), keys[0]);
        Assert.Equal(content, (await NewStore().GetAsync(keys[0], default))!.Value.ToArray());
    }

    [Fact]
    public async Task Put_BufferChangedAfterwards_StoreKeepsWhatItWasGiven()
    {
        var store = NewStore();
        var buffer = Encoding.UTF8.GetBytes("before");
        var key = await store.PutAsync(buffer, default);
        buffer.AsSpan().Clear();
        Assert.Equal("before", Encoding.UTF8.GetString((await store.GetAsync(key, default))!.Value.Span));
    }

    [Fact]
    public async Task Put_AboveTheLimit_IsAnError() =>
        await Assert.ThrowsAsync<ArgumentException>(() => NewStore().PutAsync(new byte[(64 * 1024 * 1024) + 1], default));

    [Fact]
    public async Task Get_UnknownOrForeignKey_IsNull()
    {
        var store = NewStore();
        Assert.Null(await store.GetAsync(new string('0', 64), default));
        Assert.Null(await store.GetAsync("../../etc/passwd", default));
        Assert.False(await store.RenewAsync(new string('0', 64), default));
        Assert.False(await store.RenewAsync("", default));
    }

    [Fact]
    public async Task Get_WithAnotherKeyRing_IsInvalidData()
    {
        var key = await NewStore().PutAsync(Encoding.UTF8.GetBytes("secret"), default);
        var error = await Assert.ThrowsAsync<InvalidDataException>(
            () => NewStore(keyRing: new EphemeralDataProtectionProvider()).GetAsync(key, default));
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stored_Bytes_DoNotShowTheContent()
    {
        var spy = new RecordingStorage(_storage);
        await NewStore(spy).PutAsync(Encoding.UTF8.GetBytes("password: hunter2hunter2hunter2"), default);
        await NewStore(spy).PutAsync(Encoding.UTF8.GetBytes("password: hunter2hunter2hunter2").Concat(RandomNumberGenerator.GetBytes(100_000)).ToArray(), default);
        Assert.Single(spy.InIndex);
        Assert.Single(spy.Chunks);
        Assert.All(spy.Chunks.Concat(spy.InIndex), stored =>
            Assert.DoesNotContain("hunter2", Encoding.Latin1.GetString(stored), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Put_LargeContent_IsStoredInPiecesOfAtMostTheLimit()
    {
        var spy = new RecordingStorage(_storage);
        await NewStore(spy).PutAsync(RandomNumberGenerator.GetBytes(1_200_000), default);
        Assert.Equal(3, spy.Chunks.Count);
        Assert.All(spy.Chunks, chunk => Assert.InRange(chunk.Length, 1, 512 * 1024));
    }

    [Fact]
    public async Task Get_AfterAPieceWasLost_IsInvalidDataAndTheNextPutRepairs()
    {
        var content = RandomNumberGenerator.GetBytes(700_000);
        var spy = new RecordingStorage(_storage);
        var key = await NewStore(spy).PutAsync(content, default);
        await spy.RemoveOneChunkAsync();
        var store = NewStore();
        await Assert.ThrowsAsync<InvalidDataException>(() => store.GetAsync(key, default));
        Assert.Equal(key, await store.PutAsync(content, default));
        Assert.Equal(content, (await NewStore().GetAsync(key, default))!.Value.ToArray());
    }

    /// <summary>Who reads a set and who renders it again are mostly two silos.</summary>
    [Fact]
    public async Task Put_OfWhatAnotherSiloFoundDamaged_Repairs()
    {
        var (spy, content) = (new RecordingStorage(_storage), RandomNumberGenerator.GetBytes(700_000));
        var (reader, writer) = (NewStore(), NewStore(spy));
        var key = await writer.PutAsync(content, default);
        await spy.RemoveOneChunkAsync();

        await Assert.ThrowsAsync<InvalidDataException>(() => reader.GetAsync(key, default));
        Assert.False(await writer.RenewAsync(key, default));
        Assert.Equal(key, await writer.PutAsync(content, default));

        Assert.Equal(content, (await reader.GetAsync(key, default))!.Value.ToArray());
        Assert.True(await writer.RenewAsync(key, default));
        // Nothing is stored a third time.
        var pieces = spy.Chunks.Count;
        await writer.PutAsync(content, default);
        Assert.Equal(pieces, spy.Chunks.Count);
    }

    [Fact]
    public async Task Get_WithAnotherKeyRing_DamagesNothingForTheOthers()
    {
        var key = await NewStore().PutAsync(Encoding.UTF8.GetBytes("secret"), default);
        await Assert.ThrowsAsync<InvalidDataException>(() => NewStore(keyRing: new EphemeralDataProtectionProvider()).GetAsync(key, default));
        Assert.True(await NewStore().RenewAsync(key, default));
    }

    [Fact]
    public async Task Get_AfterAPieceWasChanged_IsInvalidData()
    {
        var spy = new RecordingStorage(_storage);
        var key = await NewStore(spy).PutAsync(RandomNumberGenerator.GetBytes(100_000), default);
        await spy.ChangeOneChunkAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => NewStore().GetAsync(key, default));
    }

    [Fact]
    public async Task Get_AfterAnIndexThatHoldsTheContentWasChanged_IsInvalidDataAndTheNextPutRepairs()
    {
        var (spy, content) = (new RecordingStorage(_storage), RandomNumberGenerator.GetBytes(1000));
        var key = await NewStore(spy).PutAsync(content, default);
        await spy.ChangeOneIndexAsync();
        var store = NewStore();
        await Assert.ThrowsAsync<InvalidDataException>(() => store.GetAsync(key, default));
        Assert.Equal(key, await store.PutAsync(content, default));
        Assert.Equal(content, (await NewStore().GetAsync(key, default))!.Value.ToArray());
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(700_000, 2)]
    public async Task Put_WritesSentAgain_IsReadable(int length, int lost)
    {
        var (spy, content) = (new RecordingStorage(_storage) { LosesAnswers = true }, RandomNumberGenerator.GetBytes(length));
        var key = await NewStore(spy).PutAsync(content, default);
        Assert.Equal(lost, spy.LostAnswers);
        Assert.Equal(content, (await NewStore().GetAsync(key, default))!.Value.ToArray());
    }

    /// <summary>A grain that sees that error ends its activation.</summary>
    [Fact]
    public async Task Put_RecordsChangedByOthers_IsAFailureOfTheStorage() => await Assert.ThrowsAsync<StorageFailedException>(
        () => NewStore(new RecordingStorage(_storage) { ReadFailure = (_, _) => new InconsistentStateException("the record has changed") }).PutAsync(RandomNumberGenerator.GetBytes(1000), default));

    [Fact]
    public async Task Put_SmallContent_IsOneRecordBesideTheCatalog()
    {
        var spy = new RecordingStorage(_storage);
        await NewStore(spy).PutAsync(RandomNumberGenerator.GetBytes(4000), default);
        Assert.Empty(spy.Chunks);
        Assert.Single(spy.InIndex);
    }

    [Fact]
    public async Task RemoveUnrenewed_RemovesOnlyWhatNobodyRenewed()
    {
        var store = NewStore();
        var keys = new List<string>();
        for (var i = 0; i < 40; i++) keys.Add(await store.PutAsync(Encoding.UTF8.GetBytes($"set {i}"), default));
        Time.Advance(TimeSpan.FromDays(10));
        foreach (var key in keys.Take(15)) Assert.True(await NewStore().RenewAsync(key, default));
        var late = await store.PutAsync(Encoding.UTF8.GetBytes("late"), default);
        Time.Advance(TimeSpan.FromDays(5));

        Assert.Equal(25, await NewStore().RemoveUnrenewedAsync(Time.GetUtcNow().AddDays(-14), default));
        Assert.Equal(0, await NewStore().RemoveUnrenewedAsync(Time.GetUtcNow().AddDays(-14), default));
        var fresh = NewStore();
        foreach (var key in keys.Take(15).Append(late)) Assert.NotNull(await fresh.GetAsync(key, default));
        foreach (var key in keys.Skip(15))
        {
            Assert.Null(await fresh.GetAsync(key, default));
            Assert.False(await fresh.RenewAsync(key, default));
        }
    }

    [Fact]
    public async Task RemoveUnrenewed_PartitionThatCannotBeRead_RemovesWhatTheOthersList()
    {
        var keys = new List<string>();
        for (var i = 0; i < 40; i++) keys.Add(await NewStore().PutAsync(Encoding.UTF8.GetBytes($"set {i}"), default));
        Time.Advance(TimeSpan.FromDays(15));
        var (partition, before) = (ManifestCatalog.PartitionOf(keys[0]), Time.GetUtcNow().AddDays(-14));
        var spy = new RecordingStorage(_storage)
        {
            ReadFailure = (state, grain) => (state, grain) == ManifestRecordStore.HeadRecord(partition) ? new IOException("torn") : null,
        };

        Assert.Contains("1 of 64", (await Assert.ThrowsAsync<StorageFailedException>(() => NewStore(spy).RemoveUnrenewedAsync(before, default))).Message, StringComparison.Ordinal);

        foreach (var key in keys) Assert.Equal(ManifestCatalog.PartitionOf(key) == partition, await NewStore().GetAsync(key, default) is not null);
        Assert.Equal(keys.Count(key => ManifestCatalog.PartitionOf(key) == partition), await NewStore().RemoveUnrenewedAsync(before, default));
    }

    [Fact]
    public async Task RemoveUnrenewed_LeavesNoPieceBehind()
    {
        var spy = new RecordingStorage(_storage);
        var store = NewStore(spy);
        for (var i = 0; i < 5; i++) await store.PutAsync(RandomNumberGenerator.GetBytes(600_000), default);
        Assert.Equal(10, await spy.CountChunksAsync());
        Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(5, await store.RemoveUnrenewedAsync(Time.GetUtcNow().AddDays(-1), default));
        Assert.Equal(0, await spy.CountChunksAsync());
    }

    [Fact]
    public async Task RemoveUnrenewed_AfterAWriterDiedMidway_RemovesItsPieces()
    {
        var spy = new RecordingStorage(_storage) { FailIndexWrites = true };
        var store = NewStore(spy);
        await Assert.ThrowsAsync<IOException>(() => store.PutAsync(RandomNumberGenerator.GetBytes(600_000), default));
        Assert.Equal(2, await spy.CountChunksAsync());
        spy.FailIndexWrites = false;
        Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, await store.RemoveUnrenewedAsync(Time.GetUtcNow().AddDays(-1), default));
        Assert.Equal(0, await spy.CountChunksAsync());
    }

    [Fact]
    public async Task Put_AfterRemoval_StoresAgain()
    {
        var store = NewStore();
        var content = Encoding.UTF8.GetBytes("again");
        var key = await store.PutAsync(content, default);
        Time.Advance(TimeSpan.FromDays(20));
        Assert.Equal(1, await store.RemoveUnrenewedAsync(Time.GetUtcNow().AddDays(-14), default));
        Assert.Null(await store.GetAsync(key, default));
        Assert.Equal(key, await store.PutAsync(content, default));
        Assert.Equal(content, (await NewStore().GetAsync(key, default))!.Value.ToArray());
    }

    [Fact]
    public async Task Put_FromManySilosWithSweepsBetween_EveryKeyIsReadable()
    {
        var silos = Enumerable.Range(0, 3).Select(_ => NewStore()).ToArray();
        var keys = new string[300];
        var puts = Parallel.ForEachAsync(Enumerable.Range(0, keys.Length), new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (i, token) =>
            keys[i] = await silos[i % 3].PutAsync(Encoding.UTF8.GetBytes($"set {i / 2}"), token));
        while (!puts.IsCompleted) await NewStore().RemoveUnrenewedAsync(Time.GetUtcNow().AddHours(-2), default);
        await puts;
        Assert.Equal(150, keys.Distinct().Count());
        var reader = NewStore();
        foreach (var key in keys) Assert.NotNull(await reader.GetAsync(key, default));
        Time.Advance(TimeSpan.FromDays(20));
        Assert.Equal(150, await NewStore().RemoveUnrenewedAsync(Time.GetUtcNow().AddDays(-14), default));
    }

    /// <summary>What waits for the storage becomes durable together; what is large would fill the memory.</summary>
    [Fact]
    public async Task Put_OfManyAtOnce_HasManySmallOnesUnderWayAndAFewLargeOnes()
    {
        var spy = new RecordingStorage(_storage) { HoldsIndexWrites = new TaskCompletionSource() };
        var store = NewStore(spy);
        byte[][] small = [.. Enumerable.Range(0, 100).Select(_ => RandomNumberGenerator.GetBytes(1000))];
        byte[][] large = [.. Enumerable.Range(0, 10).Select(_ => RandomNumberGenerator.GetBytes(ManifestStore.MaxSmallBytes + 1))];

        var puts = large.Concat(small).Select(content => store.PutAsync(content, default)).ToArray();
        await Eventually.GetAsync(() => Task.FromResult(spy.HeldIndexWrites), held => held == 104, "all small contents and four large ones");
        Assert.DoesNotContain(puts, put => put.IsCompleted);
        spy.HoldsIndexWrites.SetResult();

        var keys = await Task.WhenAll(puts);
        var reader = NewStore();
        var read = await Task.WhenAll(keys.Select(key => reader.GetAsync(key, default)));
        Assert.Equal(large.Concat(small), read.Select(content => content!.Value.ToArray()));
    }

    private protected ManifestStore NewStore(IGrainStorage? storage = null, IDataProtectionProvider? keyRing = null) =>
        new(storage ?? _storage, keyRing ?? _keyRing, new ManifestStoreOptions(), Time, NullLogger<ManifestStore>.Instance);
}
