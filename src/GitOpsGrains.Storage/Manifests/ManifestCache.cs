namespace GitOpsGrains.Storage.Manifests;

/// <summary>The contents that were used last, up to a number of bytes. Thread-safe.</summary>
internal sealed class ManifestCache(long maxBytes)
{
    // A list node, its dictionary entry and the key, about.
    private const int EntryOverhead = 300;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, byte[] Content)>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, byte[] Content)> _order = new();
    private long _bytes;

    public long Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    public byte[]? Find(string key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var node)) return null;
            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Content;
        }
    }

    /// <summary>Keeps the content, which nobody may change any more; one larger than a quarter of the room is not kept.</summary>
    public void Keep(string key, byte[] content)
    {
        if (Weigh(content) > maxBytes / 4) return;
        lock (_gate)
        {
            if (_entries.ContainsKey(key)) return;
            _entries[key] = _order.AddFirst((key, content));
            _bytes += Weigh(content);
            while (_bytes > maxBytes && _order.Last is { } oldest) Drop(oldest);
        }
    }

    public void Forget(string key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node)) Drop(node);
        }
    }

    private void Drop(LinkedListNode<(string Key, byte[] Content)> node)
    {
        _order.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= Weigh(node.Value.Content);
    }

    private static long Weigh(byte[] content) => content.Length + EntryOverhead;
}
