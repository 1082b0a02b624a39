using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// The digests of all managed objects of one kind in one scope, as the watch last showed them.
/// Written by one watch, read by anybody.
/// </summary>
public sealed class KindSnapshot(ApiResource resource, bool full)
{
    private readonly ConcurrentDictionary<ResourceId, ObservedObject> _objects = [];
    private volatile bool _isDistrusted;

    public ApiResource Resource { get; } = resource;

    /// <summary>Whole objects are watched, not only their metadata.</summary>
    public bool Full { get; } = full;

    public ObservedObject? Find(ResourceId id) => _objects.GetValueOrDefault(id);

    public IEnumerable<ObservedObject> Objects => _objects.Values;

    public void Set(ResourceId id, ObservedObject observed) => _objects[id] = observed;

    public bool Remove(ResourceId id) => _objects.TryRemove(id, out _);

    /// <summary>The next list counts as all changed, equal resourceVersions or not.</summary>
    public void Distrust() => _isDistrusted = true;

    /// <summary>Takes over a complete list of a scope ("" = all namespaces); returns what changed or went.</summary>
    public IReadOnlyList<ResourceId> Replace(string scope, IReadOnlyDictionary<ResourceId, ObservedObject> listed)
    {
        var changed = new List<ResourceId>();
        foreach (var (id, observed) in listed)
        {
            if (_objects.TryGetValue(id, out var before) && before.ResourceVersion == observed.ResourceVersion && !_isDistrusted) continue;
            _objects[id] = observed;
            changed.Add(id);
        }
        foreach (var id in _objects.Keys.Where(id => (scope.Length == 0 || id.Namespace == scope) && !listed.ContainsKey(id)).ToArray())
            if (_objects.TryRemove(id, out _)) changed.Add(id);
        _isDistrusted = false;
        return changed;
    }
}
