using GitOpsGrains.Simulation.Objects;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>
/// All objects of one kind in one cluster, in the order of their keys, and the last changes of them. Everything but
/// <see cref="Changed"/> is for callers that hold the cluster's lock.
/// </summary>
internal sealed class ResourceCollection(int keptEvents)
{
    private readonly List<StoredObject> _objects = [];
    private readonly Queue<ObjectEvent> _events = new();
    private TaskCompletionSource? _changed;
    private long _forgotten;

    public int Count => _objects.Count;

    public IReadOnlyList<StoredObject> Objects => _objects;

    /// <summary>Ends with the next change.</summary>
    public Task Changed => (_changed ??= NewSignal()).Task;

    public StoredObject? Find(string space, string name)
    {
        var at = Search(space, name);
        return at >= 0 ? _objects[at] : null;
    }

    /// <summary>Those of one namespace; "" for a kind without.</summary>
    public IEnumerable<StoredObject> In(string space)
    {
        var at = Search(space, "");
        for (at = at < 0 ? ~at : at; at < _objects.Count && _objects[at].Namespace == space; at++) yield return _objects[at];
    }

    public void Put(StoredObject stored, ObjectEvent change)
    {
        var at = Search(stored.Namespace, stored.Name);
        if (at >= 0) _objects[at] = stored;
        else _objects.Insert(~at, stored);
        Append(change);
    }

    public void Delete(StoredObject before, ObjectEvent change)
    {
        var at = Search(before.Namespace, before.Name);
        if (at >= 0) _objects.RemoveAt(at);
        Append(change);
    }

    /// <summary>The changes after a version. Errors: 410 if some of them are no longer known.</summary>
    public List<ObjectEvent> Since(long version, long now)
    {
        if (version < _forgotten) throw ApiException.Gone($"too old resource version: {version} ({_forgotten})");
        return version >= now ? [] : [.. _events.SkipWhile(change => change.Version <= version)];
    }

    /// <summary>The objects as they were at a version, in order, from a key on (that key left out).</summary>
    public IEnumerable<StoredObject> At(long version, long now, string space, string? after)
    {
        var changes = Since(version, now);
        var was = new Dictionary<(string, string), StoredObject?>();
        foreach (var change in changes) was.TryAdd((change.After.Namespace, change.After.Name), change.Before);
        IEnumerable<StoredObject> all = _objects;
        if (was.Count > 0)
        {
            all = _objects.Where(stored => !was.ContainsKey((stored.Namespace, stored.Name)))
                .Concat(was.Values.OfType<StoredObject>()).Order(ByKey.Instance);
        }

        return all.Where(stored => space.Length == 0 || stored.Namespace == space)
            .SkipWhile(stored => after is not null && string.CompareOrdinal(Key(stored.Namespace, stored.Name, space), after) < 0);
    }

    public static string Key(string space, string name, string listed) => listed.Length > 0 || space.Length == 0 ? name : $"{space}/{name}";

    /// <summary>Forgets all changes up to now: older versions can't be watched or listed any more.</summary>
    public void Compact(long version)
    {
        _events.Clear();
        _forgotten = version;
    }

    private void Append(ObjectEvent change)
    {
        _events.Enqueue(change);
        while (_events.Count > keptEvents) _forgotten = _events.Dequeue().Version;
        _changed?.TrySetResult();
        _changed = null;
    }

    private int Search(string space, string name)
    {
        var (low, high) = (0, _objects.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = ByKey.Compare(_objects[middle].Namespace, _objects[middle].Name, space, name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>By namespace, then name, as the text "namespace/name" sorts ('-' and '.' come before '/').</summary>
    private sealed class ByKey : IComparer<StoredObject>
    {
        public static readonly ByKey Instance = new();

        public int Compare(StoredObject? left, StoredObject? right) => Compare(left!.Namespace, left.Name, right!.Namespace, right.Name);

        public static int Compare(string leftSpace, string leftName, string rightSpace, string rightName)
        {
            if (leftSpace == rightSpace) return string.CompareOrdinal(leftName, rightName);
            return string.CompareOrdinal($"{leftSpace}/", $"{rightSpace}/");
        }
    }
}
