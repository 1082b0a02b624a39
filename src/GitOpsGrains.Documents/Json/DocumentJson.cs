using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GitOpsGrains.Documents.Json;

/// <summary>How documents and REST objects are JSON: camelCase names, durations as text, enums as strings.</summary>
public static class DocumentJson
{
    /// <summary>For state: absent values are written as null, unknown members are kept.</summary>
    public static JsonSerializerOptions Options { get; } = Create(JsonIgnoreCondition.Never);

    /// <summary>For REST and for people: as <see cref="Options"/>, absent values left out.</summary>
    public static JsonSerializerOptions Rest { get; } = Create(JsonIgnoreCondition.WhenWritingNull);

    /// <summary>Whether two documents say the same, member by member, whatever the order of map keys.</summary>
    public static bool Same(Document left, Document right) =>
        left.GetType() == right.GetType() && JsonNode.DeepEquals(ToNode(left), ToNode(right));

    public static JsonObject ToNode(Document document) =>
        JsonSerializer.SerializeToNode(document, document.GetType(), Rest)!.AsObject();

    private static JsonSerializerOptions Create(JsonIgnoreCondition ignore)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = ignore,
            // Quotes and letters stay readable: the text is a JSON body or a file, never part of a page.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            NumberHandling = JsonNumberHandling.Strict,
            // A manifest that is shown may be nested 100 deep by itself.
            MaxDepth = 256,
            PropertyNameCaseInsensitive = false,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }
}
