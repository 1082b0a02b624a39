using System.Diagnostics.CodeAnalysis;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Remembers so many values by ordinal keys; the oldest key goes first. Not for several threads.</summary>
internal sealed class BoundedMap<T>(int capacity)
{
    private readonly Dictionary<string, T> _values = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public bool TryGet(string key, [MaybeNullWhen(false)] out T value) => _values.TryGetValue(key, out value);

    public void Set(string key, T value)
    {
        if (!_values.ContainsKey(key)) _order.Enqueue(key);
        _values[key] = value;
        while (_order.Count > capacity) _values.Remove(_order.Dequeue());
    }
}
