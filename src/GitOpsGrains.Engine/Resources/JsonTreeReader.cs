using System.Text.Json;

namespace GitOpsGrains.Engine.Resources;

/// <summary>Reads JSON values into trees. Depth is the reader's own limit; nodes are counted against a budget.</summary>
public ref struct JsonTreeReader
{
    private readonly Action<string>? _onDuplicate;
    private Utf8JsonReader _reader;
    private int _nodesLeft;

    /// <param name="onDuplicate">Told each key that a mapping has twice; the first one counts.</param>
    public JsonTreeReader(ReadOnlySpan<byte> json, int maxDepth, int maxNodes, Action<string>? onDuplicate)
    {
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth, AllowMultipleValues = true });
        _onDuplicate = onDuplicate;
        MaxNodes = maxNodes;
    }

    /// <summary>Where the last value began, in bytes.</summary>
    public long ValueStart { get; private set; }

    public int MaxNodes { get; }

    /// <summary>
    /// The next value of the stream, or false at its end.
    /// Errors: <see cref="JsonException"/> for malformed JSON, too many nodes, too much depth, numbers and strings that
    /// can't be represented.
    /// </summary>
    public bool TryRead(out TreeNode? value)
    {
        value = null;
        if (!_reader.Read()) return false;
        ValueStart = _reader.TokenStartIndex;
        _nodesLeft = MaxNodes;
        value = Value();
        return true;
    }

    /// <summary>Reads one value from bytes that are known to be good: canonical JSON that this process wrote.</summary>
    public static TreeNode ReadTrusted(ReadOnlySpan<byte> json)
    {
        var reader = new JsonTreeReader(json, TrustedJson.MaxDepth, int.MaxValue, null);
        return reader.TryRead(out var value) ? value! : throw new JsonException("no JSON value");
    }

    private TreeNode Value()
    {
        if (--_nodesLeft < 0) throw new JsonException($"has more than {MaxNodes} nodes");
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject: return Map();
            case JsonTokenType.StartArray: return List();
            case JsonTokenType.String: return TreeScalar.Of(Text());
            case JsonTokenType.True: return TreeScalar.True;
            case JsonTokenType.False: return TreeScalar.False;
            case JsonTokenType.Null: return TreeScalar.Null;
            default:
                return TreeScalar.Number(JsonNumber.FromJson(_reader.ValueSpan)
                    ?? throw new JsonException("holds a number out of range"));
        }
    }

    private TreeMap Map()
    {
        var entries = new List<KeyValuePair<string, TreeNode>>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = Text();
            _reader.Read();
            entries.Add(new(key, Value()));
        }

        return TreeMap.Of(entries, _onDuplicate);
    }

    private TreeList List()
    {
        var list = new TreeList();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray) list.Items.Add(Value());
        return list;
    }

    private readonly string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            // The reader's word for an escape that is half of a surrogate pair.
            throw new JsonException("holds a string that is not Unicode", exception);
        }
    }
}
