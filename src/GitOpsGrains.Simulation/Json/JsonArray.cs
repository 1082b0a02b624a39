using System.Buffers;
using System.Collections;
using System.Text.Json;

namespace GitOpsGrains.Simulation.Json;

/// <summary>A list.</summary>
internal sealed class JsonArray : JsonNode, IReadOnlyList<JsonNode?>
{
    private readonly List<JsonNode?> _items;

    public JsonArray() => _items = [];

    public JsonArray(params ReadOnlySpan<JsonNode?> items) => _items = [.. items];

    private JsonArray(int capacity) => _items = new List<JsonNode?>(capacity);

    public int Count => _items.Count;

    public override JsonNode? this[int index]
    {
        get => _items[index];
        set => _items[index] = value;
    }

    public void Add(JsonNode? item) => _items.Add(item);

    public void Insert(int index, JsonNode? item) => _items.Insert(index, item);

    public void RemoveAt(int index) => _items.RemoveAt(index);

    public override JsonNode DeepClone()
    {
        var copy = new JsonArray(_items.Count);
        foreach (var item in _items) copy._items.Add(item?.DeepClone());
        return copy;
    }

    public override JsonValueKind GetValueKind() => JsonValueKind.Array;

    public override void WriteTo(IBufferWriter<byte> output)
    {
        JsonText.Write(output, (byte)'[');
        for (var at = 0; at < _items.Count; at++)
        {
            if (at > 0) JsonText.Write(output, (byte)',');
            if (_items[at] is { } item) item.WriteTo(output);
            else output.Write("null"u8);
        }

        JsonText.Write(output, (byte)']');
    }

    public List<JsonNode?>.Enumerator GetEnumerator() => _items.GetEnumerator();

    IEnumerator<JsonNode?> IEnumerable<JsonNode?>.GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    internal bool SameAs(JsonArray other)
    {
        if (Count != other.Count) return false;
        for (var at = 0; at < Count; at++)
            if (!DeepEquals(_items[at], other._items[at])) return false;
        return true;
    }
}
