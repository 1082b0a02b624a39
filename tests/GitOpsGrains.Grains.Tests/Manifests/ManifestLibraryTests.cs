using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Manifests;

namespace GitOpsGrains.Grains.Tests.Manifests;

/// <summary>What a silo has of manifest sets in memory, and what it asks of the store.</summary>
public sealed class ManifestLibraryTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ScriptedStore _store = new();
    private readonly ManifestLibrary _library;

    public ManifestLibraryTests() => _library = new ManifestLibrary(_store);

    [Fact]
    public void Find_SetThatWasPut_IsThatSet()
    {
        var (one, two) = (Set("one"), Set("two"));
        _library.Put(one);

        Assert.Same(one, _library.Find(one.Digest));
        Assert.Null(_library.Find(two.Digest));
    }

    [Fact]
    public void Rest_SetThatWasPut_IsStillThatSet()
    {
        var (set, same) = (Set("one"), Set("one"));
        _library.Put(set);

        _library.Rest();

        Assert.Same(set, _library.Find(set.Digest));
        Assert.Equal(same.Objects.Select(item => Encoding.UTF8.GetString(item.Json.Span)), set.Objects.Select(item => Encoding.UTF8.GetString(item.Json.Span)));
    }

    [Fact]
    public void Put_BeyondTheCapacity_ForgetsWhatWasNotUsedForLongest()
    {
        ManifestSet[] sets = [Set("one"), Set("two"), Set("three")];
        var room = sets.Take(2).Sum(set => set.Objects.Sum(item => item.Json.Length + 200)) + 10;
        var library = new ManifestLibrary(_store, room);
        library.Put(sets[0]);
        library.Put(sets[1]);
        library.Find(sets[0].Digest);
        library.Put(sets[2]);

        Assert.Equal([true, false, true], sets.Select(set => library.Find(set.Digest) is not null));
    }

    [Fact]
    public void Put_OneSetAboveTheCapacity_IsKept()
    {
        var library = new ManifestLibrary(_store, capacityBytes: 1);
        library.Put(Set("one"));
        library.Put(Set("two"));

        Assert.Null(library.Find(Set("one").Digest));
        Assert.NotNull(library.Find(Set("two").Digest));
    }

    [Fact]
    public void Put_TheSameSetTwice_CountsItOnce()
    {
        ManifestSet[] sets = [Set("one"), Set("two")];
        var library = new ManifestLibrary(_store, sets.Sum(set => set.Objects.Sum(item => item.Json.Length + 200)));
        library.Put(sets[0]);
        library.Put(Set("one"));
        library.Put(sets[1]);

        Assert.Same(sets[0], library.Find(sets[0].Digest));
        Assert.Same(sets[1], library.Find(sets[1].Digest));
    }

    [Fact]
    public async Task Load_FromMemory_DoesNotAskTheStore()
    {
        var set = Set("one");
        _library.Put(set);

        Assert.Same(set, await _library.LoadAsync(set.Digest, "key", None));
        Assert.Empty(_store.Asked);
    }

    [Fact]
    public async Task Load_FromTheStore_IsEqualAndInMemoryFromThenOn()
    {
        var set = Set("one");
        _store.Blobs["key"] = ManifestSetCodec.Encode(set);

        var loaded = await _library.LoadAsync(set.Digest, "key", None);

        Assert.Equal(set.Objects.Select(item => (item.Id, item.Hash, item.Position)), loaded!.Objects.Select(item => (item.Id, item.Hash, item.Position)));
        Assert.Same(loaded, await _library.LoadAsync(set.Digest, "key", None));
        Assert.Equal(["get key"], _store.Asked);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("lost", 1)]
    public async Task Load_WhatNobodyHas_IsNull(string? key, int asked)
    {
        Assert.Null(await _library.LoadAsync(Set("one").Digest, key, None));
        Assert.Equal(asked, _store.Asked.Count);
    }

    [Fact]
    public async Task Load_AnotherSetUnderTheKey_IsRefusedAndNotKept()
    {
        _store.Blobs["key"] = ManifestSetCodec.Encode(Set("two"));

        await Assert.ThrowsAsync<InvalidDataException>(() => _library.LoadAsync(Set("one").Digest, "key", None));
        Assert.Null(_library.Find(Set("one").Digest));
        Assert.Null(_library.Find(Set("two").Digest));
    }

    [Fact]
    public async Task Load_UnreadableContent_IsRefused()
    {
        _store.Blobs["key"] = "nothing"u8.ToArray();

        await Assert.ThrowsAsync<InvalidDataException>(() => _library.LoadAsync(Set("one").Digest, "key", None));
    }

    [Fact]
    public async Task Persist_ByManyAtOnce_StoresOnceAndGivesAllTheKey()
    {
        var set = Set("one");
        _store.Hold();
        var callers = Enumerable.Range(0, 10).Select(_ => _library.PersistAsync(set, None)).ToArray();
        _store.Release();

        Assert.All(await Task.WhenAll(callers), key => Assert.Equal("key-1", key));
        Assert.Equal(["put"], _store.Asked);
        Assert.Equal(ManifestSetCodec.Encode(set).ToArray(), _store.Blobs["key-1"].ToArray());
    }

    [Fact]
    public async Task Persist_Later_AsksTheStoreAgain()
    {
        await _library.PersistAsync(Set("one"), None);

        Assert.Equal("key-2", await _library.PersistAsync(Set("one"), None));
    }

    [Fact]
    public async Task Persist_AfterAFailure_TriesAgain()
    {
        _store.Fault = new IOException("full");
        await Assert.ThrowsAsync<IOException>(() => _library.PersistAsync(Set("one"), None));
        _store.Fault = null;

        Assert.Equal("key-2", await _library.PersistAsync(Set("one"), None));
    }

    [Fact]
    public async Task Persist_ThatFailedWhenItsCallerHadGivenUp_TriesAgain()
    {
        await GiveUpAsync();
        _store.Fault = new IOException("full");
        await EndAsync();
        _store.Fault = null;

        Assert.Equal("key-2", await _library.PersistAsync(Set("one"), None));
    }

    [Fact]
    public async Task Persist_ThatSucceededWhenItsCallerHadGivenUp_AsksTheStoreAgain()
    {
        await GiveUpAsync();
        await EndAsync();
        Assert.Equal(["key-1"], _store.Blobs.Keys);

        // The store may have lost it since.
        Assert.Equal("key-2", await _library.PersistAsync(Set("one"), None));
    }

    [Theory]
    [InlineData("key", true)]
    [InlineData("lost", false)]
    public async Task Renew_OfAKey_SaysWhetherTheStoreHasIt(string key, bool expected)
    {
        _store.Blobs["key"] = default;

        Assert.Equal(expected, await _library.RenewAsync(key, None));
        Assert.Equal([$"renew {key}"], _store.Asked);
    }

    /// <summary>A caller that no longer waits, while the store is still at it.</summary>
    private async Task GiveUpAsync()
    {
        _store.Hold();
        using var patience = new CancellationTokenSource();
        var impatient = _library.PersistAsync(Set("one"), patience.Token);
        await _store.Reached;
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
    }

    private async Task EndAsync()
    {
        _store.Release();
        await Testing.Eventually.GetAsync(() => _library.Persisting, count => count == 0, "the end of the attempt", TimeSpan.FromSeconds(5));
    }

    private static ManifestSet Set(string name)
    {
        var json = Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"} }""");
        return ManifestSets.Combine([new ManifestObject(
            new ResourceId("", "ConfigMap", "", name), "v1", json, Digest.Of(json), new ManifestPosition("app/all.yaml", 0))]).Set!;
    }
}
