namespace GitOpsGrains.Simulation.Clusters;

/// <summary>Names one object of a cluster, in all its versions.</summary>
internal readonly record struct ObjectKey(string Storage, string Namespace, string Name);

/// <summary>Which objects name an owner, by its uid. For callers that hold the cluster's lock.</summary>
internal sealed class OwnerIndex
{
    private readonly Dictionary<string, HashSet<ObjectKey>> _dependents = new(StringComparer.Ordinal);

    /// <summary>A copy, which changes meanwhile do not touch.</summary>
    public ObjectKey[] DependentsOf(string uid) => _dependents.TryGetValue(uid, out var dependents) ? [.. dependents] : [];

    /// <summary>Takes note of a change; null for what was not there, and for what is gone.</summary>
    public void Replace(string storage, StoredObject? before, StoredObject? after)
    {
        foreach (var uid in before?.Owners ?? []) Remove(uid, KeyOf(storage, before!));
        foreach (var uid in after?.Owners ?? []) Add(uid, KeyOf(storage, after!));
    }

    private static ObjectKey KeyOf(string storage, StoredObject stored) => new(storage, stored.Namespace, stored.Name);

    private void Add(string uid, ObjectKey dependent)
    {
        if (!_dependents.TryGetValue(uid, out var dependents)) _dependents[uid] = dependents = [];
        dependents.Add(dependent);
    }

    private void Remove(string uid, ObjectKey dependent)
    {
        if (_dependents.TryGetValue(uid, out var dependents) && dependents.Remove(dependent) && dependents.Count == 0) _dependents.Remove(uid);
    }
}
