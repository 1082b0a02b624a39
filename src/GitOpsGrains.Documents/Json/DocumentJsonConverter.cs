using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Json;

/// <summary>Reads a <see cref="Document"/> as the record of its kind. Errors: <see cref="JsonException"/> for an unknown kind.</summary>
public sealed class DocumentJsonConverter : JsonConverter<Document>
{
    public override Document Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var node = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("a document is a JSON object");
        var name = options.PropertyNamingPolicy?.ConvertName(nameof(Document.Kind)) ?? nameof(Document.Kind);
        var kind = node[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        var type = DocumentKinds.TypeOf(kind) ?? throw new JsonException("the document's kind is unknown");
        return (Document)node.Deserialize(type, options)!;
    }

    public override void Write(Utf8JsonWriter writer, Document value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, value.GetType(), options);
}
