using System.Buffers;
using System.Collections;
using System.Text.Json;

namespace GitOpsGrains.Simulation.Json;

/// <summary>A map, in the order in which it was filled.</summary>
internal sealed class JsonObject : JsonNode, IEnumerable<KeyValuePair<string, JsonNode?>>
{
    /// <summary>Above it names are found by hash.</summary>
    private const int Small = 32;

    private KeyValuePair<string, JsonNode?>[] _entries = [];
    private Dictionary<string, int>? _places;

    public JsonObject()
    {
    }

    public JsonObject(int capacity) => _entries = capacity == 0 ? [] : new KeyValuePair<string, JsonNode?>[capacity];

    public int Count { get; private set; }

    public override JsonNode? this[string name]
    {
        get => IndexOf(name) is >= 0 and var at ? _entries[at].Value : null;
        set
        {
            var at = IndexOf(name);
            if (at >= 0) _entries[at] = new(name, value);
            else Append(name, value);
        }
    }

    public KeyValuePair<string, JsonNode?> At(int index) => _entries[index];

    public void SetAt(int index, JsonNode? value) => _entries[index] = new(_entries[index].Key, value);

    public bool ContainsKey(string name) => IndexOf(name) >= 0;

    public bool TryGetPropertyValue(string name, out JsonNode? value)
    {
        var at = IndexOf(name);
        value = at >= 0 ? _entries[at].Value : null;
        return at >= 0;
    }

    /// <summary>False where the name is there.</summary>
    public bool TryAdd(string name, JsonNode? value)
    {
        if (IndexOf(name) >= 0) return false;
        Append(name, value);
        return true;
    }

    /// <summary>Errors: ArgumentException where the name is there.</summary>
    public void Add(KeyValuePair<string, JsonNode?> entry)
    {
        if (!TryAdd(entry.Key, entry.Value)) throw new ArgumentException($"the map has '{entry.Key}' already");
    }

    public bool Remove(string name)
    {
        var at = IndexOf(name);
        if (at >= 0) RemoveAt(at);
        return at >= 0;
    }

    public void RemoveAt(int index)
    {
        Array.Copy(_entries, index + 1, _entries, index, --Count - index);
        _entries[Count] = default;
        _places = null;
    }

    /// <summary>Where a name stands, or -1.</summary>
    /// <param name="guess">Where it probably stands: maps that are compared mostly have the same order.</param>
    public int IndexOf(string name, int guess = -1)
    {
        if ((uint)guess < (uint)Count && _entries[guess].Key == name) return guess;
        if (Count > Small) return (_places ??= Index()).TryGetValue(name, out var place) ? place : -1;
        for (var at = 0; at < Count; at++)
            if (_entries[at].Key == name) return at;
        return -1;
    }

    public override JsonNode DeepClone()
    {
        var copy = new JsonObject { _entries = Count == 0 ? [] : new KeyValuePair<string, JsonNode?>[Count], Count = Count };
        for (var at = 0; at < Count; at++) copy._entries[at] = new(_entries[at].Key, _entries[at].Value?.DeepClone());
        return copy;
    }

    public override JsonValueKind GetValueKind() => JsonValueKind.Object;

    public override void WriteTo(IBufferWriter<byte> output)
    {
        JsonText.Write(output, (byte)'{');
        for (var at = 0; at < Count; at++)
        {
            if (at > 0) JsonText.Write(output, (byte)',');
            WriteEntry(output, _entries[at].Key, _entries[at].Value);
        }

        JsonText.Write(output, (byte)'}');
    }

    public static void WriteEntry(IBufferWriter<byte> output, string name, JsonNode? value)
    {
        JsonText.Write(output, name);
        JsonText.Write(output, (byte)':');
        if (value is null) output.Write("null"u8);
        else value.WriteTo(output);
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<string, JsonNode?>> IEnumerable<KeyValuePair<string, JsonNode?>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal bool SameAs(JsonObject other)
    {
        if (Count != other.Count) return false;
        for (var at = 0; at < Count; at++)
        {
            var place = other.IndexOf(_entries[at].Key, at);
            if (place < 0 || !DeepEquals(_entries[at].Value, other._entries[place].Value)) return false;
        }

        return true;
    }

    /// <summary>Adds a name that is known to be new.</summary>
    public void Append(string name, JsonNode? value)
    {
        if (Count == _entries.Length) Array.Resize(ref _entries, Math.Max(4, Count * 2));
        _entries[Count] = new(name, value);
        _places?.Add(name, Count);
        Count++;
    }

    private Dictionary<string, int> Index()
    {
        var places = new Dictionary<string, int>(Count, StringComparer.Ordinal);
        for (var at = 0; at < Count; at++) places[_entries[at].Key] = at;
        return places;
    }

    internal struct Enumerator(JsonObject map) : IEnumerator<KeyValuePair<string, JsonNode?>>
    {
        private int _at = -1;

        public readonly KeyValuePair<string, JsonNode?> Current => map._entries[_at];

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => ++_at < map.Count;

        public void Reset() => _at = -1;

        public readonly void Dispose()
        {
        }
    }
}
