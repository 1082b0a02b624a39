using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace GitOpsGrains.Simulation.Json;

/// <summary>
/// A JSON value. Like the nodes of System.Text.Json, but values are slices of the text they were read from, immutable and shared
/// by copies, and maps are arrays: a tenth of the memory, which is most of what a write costs. Nodes know no parent.
/// </summary>
internal abstract class JsonNode
{
    /// <summary>Of a map; null where it has none. Errors: InvalidOperationException for anything else.</summary>
    public virtual JsonNode? this[string name]
    {
        get => throw NotA("map");
        set => throw NotA("map");
    }

    public virtual JsonNode? this[int index]
    {
        get => throw NotA("list");
        set => throw NotA("list");
    }

    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator JsonNode?(string? text) => text is null ? null : new JsonValue(text);

    public static implicit operator JsonNode(bool value) => JsonValue.Of(value);

    public static implicit operator JsonNode(int number) => JsonValue.Of(number);

    public static implicit operator JsonNode(long number) => JsonValue.Of(number);

    public static JsonNode? Parse(string text, int maxDepth = JsonParser.DefaultDepth) => Parse(Encoding.UTF8.GetBytes(text), maxDepth);

    /// <summary>The buffer is kept and must not change. Errors: JsonException for what is no JSON, has a name twice or is no UTF-8.</summary>
    public static JsonNode? Parse(ReadOnlyMemory<byte> json, int maxDepth = JsonParser.DefaultDepth) => JsonParser.Parse(json, maxDepth);

    public static bool DeepEquals(JsonNode? left, JsonNode? right)
    {
        if (ReferenceEquals(left, right)) return true;
        return (left, right) switch
        {
            (JsonValue one, JsonValue other) => one.SameAs(other),
            (JsonObject one, JsonObject other) => one.SameAs(other),
            (JsonArray one, JsonArray other) => one.SameAs(other),
            _ => false,
        };
    }

    public abstract JsonNode DeepClone();

    public abstract JsonValueKind GetValueKind();

    public abstract void WriteTo(IBufferWriter<byte> output);

    public JsonArray AsArray() => this as JsonArray ?? throw NotA("list");

    public JsonValue AsValue() => this as JsonValue ?? throw NotA("value");

    public T GetValue<T>() => AsValue().TryGetValue<T>(out var value) ? value : throw NotA(typeof(T).Name);

    public string ToJsonString()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        WriteTo(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public byte[] ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        WriteTo(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text of a text, the JSON of anything else.</summary>
    public override string ToString() => ToJsonString();

    private static InvalidOperationException NotA(string what) => new($"the node is no {what}");
}
