using System.Collections.Concurrent;
using System.Globalization;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>The objects of one cluster. Callers take <see cref="Gate"/> around all that belongs together; nothing waits inside it.</summary>
internal sealed class ClusterStore(int keptEvents)
{
    private readonly ConcurrentDictionary<string, ResourceCollection> _collections = new(StringComparer.Ordinal);

    public Lock Gate { get; } = new();

    /// <summary>The resourceVersion of the last write.</summary>
    public long Version { get; private set; } = 1;

    public KindCatalog Kinds { get; } = new();

    public OwnerIndex Owners { get; } = new();

    /// <summary>Told of each change, inside the gate; must only take note.</summary>
    public Action<ResourceKind, ObjectEvent>? OnChange { get; set; }

    public ResourceCollection Of(ResourceKind kind) => _collections.GetOrAdd(kind.Storage, static (_, kept) => new ResourceCollection(kept), keptEvents);

    public IEnumerable<(string Storage, ResourceCollection Objects)> All => _collections.Select(static entry => (entry.Key, entry.Value));

    public (ResourceKind Kind, StoredObject Stored)? Find(ObjectKey key) =>
        Kinds.FindStorage(key.Storage) is { } kind && Of(kind).Find(key.Namespace, key.Name) is { } stored ? (kind, stored) : null;

    /// <summary>The objects of all kinds in a namespace; "" for those that are in none.</summary>
    public IEnumerable<(ResourceKind Kind, StoredObject Stored)> In(string space)
    {
        foreach (var (storage, objects) in _collections)
        {
            if (objects.Count == 0 || Kinds.FindStorage(storage) is not { } kind) continue;
            foreach (var stored in objects.In(space)) yield return (kind, stored);
        }
    }

    /// <summary>Stores an object as the newest version of itself and returns it. Errors: 413.</summary>
    public StoredObject Put(ResourceKind kind, JsonObject node, StoredObject? before)
    {
        node["metadata"]!["resourceVersion"] = Next();
        var stored = StoredObject.From(node);
        if (stored.Size > StoredObject.MaxBytes) throw ApiException.TooLarge(StoredObject.MaxBytes);
        var change = new ObjectEvent(stored.Version, before, stored, false);
        Of(kind).Put(stored, change);
        Owners.Replace(kind.Storage, before, stored);
        Changed(kind, change);
        return stored;
    }

    public void Delete(ResourceKind kind, StoredObject before)
    {
        var node = before.ToNode(kind);
        node["metadata"]!["resourceVersion"] = Next();
        var last = StoredObject.From(node);
        var change = new ObjectEvent(last.Version, before, last, true);
        Of(kind).Delete(before, change);
        Owners.Replace(kind.Storage, before, null);
        Changed(kind, change);
    }

    /// <summary>Takes over an object as it was stored before, with its version; nobody is told.</summary>
    public void Restore(ResourceKind kind, StoredObject stored)
    {
        var change = new ObjectEvent(stored.Version, null, stored, false);
        Of(kind).Put(stored, change);
        Owners.Replace(kind.Storage, null, stored);
        Version = Math.Max(Version, stored.Version);
        if (kind.Storage == KindCatalog.Definitions) Kinds.Define(kind, change);
    }

    /// <summary>Goes on at a version at least; what was before it is no longer known.</summary>
    public void ResumeAt(long version)
    {
        Version = Math.Max(Version, version);
        Compact();
    }

    public void Compact()
    {
        lock (Gate)
        {
            foreach (var collection in _collections.Values) collection.Compact(Version);
        }
    }

    private void Changed(ResourceKind kind, ObjectEvent change)
    {
        if (kind.Storage == KindCatalog.Definitions) Kinds.Define(kind, change);
        OnChange?.Invoke(kind, change);
    }

    private string Next() => (++Version).ToString(CultureInfo.InvariantCulture);
}
