namespace GitOpsGrains.Engine.Resources;

/// <summary>A JSON object whose entries are kept in ordinal order of their keys.</summary>
public sealed class TreeMap : TreeNode
{
    private readonly List<KeyValuePair<string, TreeNode>> _entries;

    public TreeMap() => _entries = [];

    private TreeMap(List<KeyValuePair<string, TreeNode>> entries) => _entries = entries;

    public int Count => _entries.Count;

    public IReadOnlyList<KeyValuePair<string, TreeNode>> Entries => _entries;

    public TreeNode? this[string key]
    {
        get
        {
            var index = IndexOf(key);
            return index < 0 ? null : _entries[index].Value;
        }
    }

    /// <summary>
    /// Takes over entries in any order. Of equal keys the first one stays; the others are given to
    /// <paramref name="onDuplicate"/> in their order.
    /// </summary>
    public static TreeMap Of(List<KeyValuePair<string, TreeNode>> entries, Action<string>? onDuplicate = null)
    {
        if (!IsSorted(entries))
        {
            var order = new int[entries.Count];
            for (var i = 0; i < order.Length; i++) order[i] = i;
            Array.Sort(order, (left, right) =>
            {
                var byKey = string.CompareOrdinal(entries[left].Key, entries[right].Key);
                return byKey != 0 ? byKey : left.CompareTo(right);
            });
            var sorted = new List<KeyValuePair<string, TreeNode>>(entries.Count);
            foreach (var index in order)
            {
                if (sorted.Count > 0 && sorted[^1].Key == entries[index].Key) onDuplicate?.Invoke(entries[index].Key);
                else sorted.Add(entries[index]);
            }

            entries = sorted;
        }

        return new TreeMap(entries);
    }

    public TreeMap? Map(string key) => this[key] as TreeMap;

    public TreeList? List(string key) => this[key] as TreeList;

    public string? Text(string key) => this[key]?.AsText();

    public void Set(string key, TreeNode value)
    {
        var index = IndexOf(key);
        if (index >= 0) _entries[index] = new(key, value);
        else _entries.Insert(~index, new(key, value));
    }

    public bool Remove(string key)
    {
        var index = IndexOf(key);
        if (index < 0) return false;
        _entries.RemoveAt(index);
        return true;
    }

    public int RemoveAll(Predicate<KeyValuePair<string, TreeNode>> match) => _entries.RemoveAll(match);

    /// <summary>The map under the key, made and set if it is absent or something else.</summary>
    public TreeMap GetOrAddMap(string key)
    {
        if (this[key] is TreeMap map) return map;
        map = new TreeMap();
        Set(key, map);
        return map;
    }

    public override TreeNode Clone()
    {
        var copy = new List<KeyValuePair<string, TreeNode>>(_entries.Count);
        foreach (var (key, value) in _entries) copy.Add(new(key, value.Clone()));
        return new TreeMap(copy);
    }

    private static bool IsSorted(List<KeyValuePair<string, TreeNode>> entries)
    {
        for (var i = 1; i < entries.Count; i++)
            if (string.CompareOrdinal(entries[i - 1].Key, entries[i].Key) >= 0)
                return false;
        return true;
    }

    private int IndexOf(string key)
    {
        int low = 0, high = _entries.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(_entries[middle].Key, key);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }
}
