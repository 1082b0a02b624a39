using System.Text.Json;
using System.Text.Unicode;

namespace GitOpsGrains.Simulation.Json;

/// <summary>Reads JSON text into nodes that point into it.</summary>
internal static class JsonParser
{
    public const int DefaultDepth = 64;

    /// <summary>Errors: JsonException.</summary>
    public static JsonNode? Parse(ReadOnlyMemory<byte> json, int maxDepth)
    {
        if (!Utf8.IsValid(json.Span)) throw new JsonException("the text is not UTF-8");
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        var node = Read(ref reader, json);
        // Only white space may follow, which the reader checks.
        reader.Read();
        return node;
    }

    /// <summary>An object as it is stored, metadata first; the entries of the managers stay text.</summary>
    public static JsonObject ParseStored(ReadOnlyMemory<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        reader.Read();
        reader.Read();
        var node = new JsonObject(8);
        node.Append("metadata", ReadMap(ref reader, json, "managedFields"));
        ReadEntries(ref reader, json, node, null);
        return node;
    }

    private static JsonNode? Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadMap(ref reader, json),
        JsonTokenType.StartArray => ReadList(ref reader, json),
        JsonTokenType.String when reader.ValueIsEscaped => new JsonValue(Text(ref reader)),
        JsonTokenType.String => new JsonValue(json.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2), JsonValueKind.String),
        JsonTokenType.Number => new JsonValue(json.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length), JsonValueKind.Number),
        JsonTokenType.True => JsonValue.Of(true),
        JsonTokenType.False => JsonValue.Of(false),
        _ => null,
    };

    private static JsonObject ReadMap(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, string? text = null)
    {
        var map = new JsonObject();
        ReadEntries(ref reader, json, map, text);
        return map;
    }

    /// <param name="text">A name whose value stays text.</param>
    private static void ReadEntries(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, JsonObject map, string? text)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueIsEscaped ? Text(ref reader) : NameCache.Get(reader.ValueSpan);
            reader.Read();
            if (!map.TryAdd(name, text == name ? ReadText(ref reader, json) : Read(ref reader, json))) throw new JsonException("a name comes twice");
        }
    }

    private static RawJson ReadText(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new RawJson(json[start..(int)reader.BytesConsumed]);
    }

    private static JsonArray ReadList(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var list = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(Read(ref reader, json));
        return list;
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            if (reader.ValueSpan.Length > 128) return reader.GetString()!;
            Span<byte> text = stackalloc byte[128];
            return NameCache.Get(text[..reader.CopyString(text)]);
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("half of a surrogate pair", exception);
        }
    }
}
