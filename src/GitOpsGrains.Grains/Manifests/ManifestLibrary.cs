using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Manifests;

/// <summary>
/// The manifest sets in this silo's memory, by digest, bounded in bytes, in front of the manifest store.
/// Manifests never travel in grain calls: whoever needs a set asks here by digest and store key.
/// </summary>
public sealed class ManifestLibrary(IManifestStore store, long capacityBytes = ManifestLibrary.DefaultCapacity)
{
    public const long DefaultCapacity = 128L * 1024 * 1024;

    /// <summary>Of an application that may be empty; it need not be kept to be at hand.</summary>
    private static readonly ManifestSet Empty = ManifestSets.Combine([]).Set!;

    private readonly Lock _lock = new();
    private readonly Dictionary<Digest, LinkedListNode<(ManifestSet Set, long Bytes)>> _sets = [];
    private readonly LinkedList<(ManifestSet Set, long Bytes)> _recent = [];
    private readonly ConcurrentDictionary<Digest, Lazy<Task<string>>> _persisted = [];
    private long _bytes;

    /// <summary>Sets on their way to the store.</summary>
    internal int Persisting => _persisted.Count;

    public void Put(ManifestSet set)
    {
        var bytes = set.Objects.Sum(item => (long)item.Json.Length + 200);
        lock (_lock)
        {
            if (_sets.ContainsKey(set.Digest)) return;
            _sets[set.Digest] = _recent.AddFirst((set, bytes));
            _bytes += bytes;
            while (_bytes > capacityBytes && _recent.Count > 1)
            {
                var oldest = _recent.Last!;
                _recent.RemoveLast();
                _sets.Remove(oldest.Value.Set.Digest);
                _bytes -= oldest.Value.Bytes;
            }
        }
    }

    public ManifestSet? Find(Digest digest)
    {
        if (digest == Empty.Digest) return Empty;
        lock (_lock)
        {
            if (!_sets.TryGetValue(digest, out var node)) return null;
            _recent.Remove(node);
            _recent.AddFirst(node);
            return node.Value.Set;
        }
    }

    /// <summary>Packs all sets: what is not asked for soon takes a fraction of the memory.</summary>
    public void Rest()
    {
        ManifestSet[] sets;
        lock (_lock) sets = [.. _recent.Select(entry => entry.Set)];
        foreach (var set in sets) ManifestObject.Rest(set.Objects);
    }

    /// <summary>From memory, else from the store; null when neither has it. Errors: <see cref="InvalidDataException"/>.</summary>
    public async Task<ManifestSet?> LoadAsync(Digest digest, string? key, CancellationToken cancellationToken)
    {
        if (Find(digest) is { } known) return known;
        if (string.IsNullOrEmpty(key)) return null;
        var content = await store.GetAsync(key, cancellationToken);
        if (content is null) return null;
        var set = await Task.Run(() => ManifestSetCodec.Decode(content.Value), cancellationToken);
        if (set.Digest != digest) throw new InvalidDataException("the stored manifest set is another one");
        Put(set);
        return set;
    }

    /// <summary>From the store, and not to be remembered: an older set that somebody looks at. Null when the store has it no more. Errors: <see cref="InvalidDataException"/>.</summary>
    public async Task<ManifestSet?> ReadAsync(string key, CancellationToken cancellationToken) =>
        await store.GetAsync(key, cancellationToken) is { } content ? await Task.Run(() => ManifestSetCodec.Decode(content), cancellationToken) : null;

    /// <summary>
    /// Stores a set, once for all callers, and returns its key. Runs on whether or not a caller gives up waiting.
    /// A failed attempt is forgotten, so that the next caller tries again.
    /// </summary>
    public Task<string> PersistAsync(ManifestSet set, CancellationToken cancellationToken) =>
        _persisted.GetOrAdd(set.Digest, _ => new Lazy<Task<string>>(() => Task.Run(() => StoreAsync(set)))).Value.WaitAsync(cancellationToken);

    /// <summary>Says that a stored set is still needed; false when the store has lost it.</summary>
    public Task<bool> RenewAsync(string key, CancellationToken cancellationToken) => store.RenewAsync(key, cancellationToken);

    private async Task<string> StoreAsync(ManifestSet set)
    {
        try
        {
            return await store.PutAsync(ManifestSetCodec.Encode(set), CancellationToken.None);
        }
        finally
        {
            // The store itself knows what it has; this only joins callers of the same moment, who may all have given up.
            _persisted.TryRemove(set.Digest, out _);
        }
    }
}
