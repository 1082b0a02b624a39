using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// The digests of all managed objects of one kind in one scope, as the watch last showed them.
/// Written by one watch, read by anybody.
/// </summary>
public sealed class KindSnapshot(ApiResource resource, HealthAssessor health)
{
    private readonly ConcurrentDictionary<ResourceId, ObservedObject> _objects = [];

    private string _lastOwner = "";

    public ApiResource Resource { get; } = resource;

    /// <summary>Whole objects are watched, not only their metadata.</summary>
    public bool Full { get; } = health.NeedsFullWatch(resource.Group, resource.Kind);

    /// <summary>What is kept of an object, as the watch of this kind shows it.</summary>
    public ObservedObject Observe(LiveObject live) => ObservedObject.From(live, Full, health, Known);

    /// <summary>Objects of one application mostly come one after the other: their owner is one string.</summary>
    private string Known(string owner)
    {
        var last = Volatile.Read(ref _lastOwner);
        if (last == owner) return last;
        Volatile.Write(ref _lastOwner, owner);
        return owner;
    }

    public ObservedObject? Find(ResourceId id) => _objects.GetValueOrDefault(id);

    public IEnumerable<ObservedObject> Objects => _objects.Values;

    public IEnumerable<(ResourceId Id, ObservedObject Object)> All => _objects.Select(entry => (entry.Key, entry.Value));

    public void Set(ResourceId id, ObservedObject observed) => _objects[id] = observed;

    public bool Remove(ResourceId id) => _objects.TryRemove(id, out _);

    /// <summary>Takes over a complete list of a scope ("" = all namespaces); returns what changed or went.</summary>
    /// <param name="isRestored">The server went back to an older state: equal resourceVersions are no sign of equal objects.</param>
    public IReadOnlyList<ResourceId> Replace(string scope, IReadOnlyDictionary<ResourceId, ObservedObject> listed, bool isRestored = false)
    {
        var changed = new List<ResourceId>();
        foreach (var (id, observed) in listed)
        {
            if (_objects.TryGetValue(id, out var before) && before.ResourceVersion == observed.ResourceVersion && !isRestored) continue;
            _objects[id] = observed;
            changed.Add(id);
        }
        foreach (var id in _objects.Keys.Where(id => (scope.Length == 0 || id.Namespace == scope) && !listed.ContainsKey(id)).ToArray())
            if (_objects.TryRemove(id, out _)) changed.Add(id);
        return changed;
    }
}
