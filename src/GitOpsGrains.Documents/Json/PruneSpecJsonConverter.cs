using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Json;

/// <summary>
/// Reads <c>prune: true</c> as well as <c>prune: {…}</c>; fields given without <c>enabled</c> mean that it is enabled.
/// Always writes the fields.
/// </summary>
public sealed class PruneSpecJsonConverter : JsonConverter<PruneSpec>
{
    public override PruneSpec Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False) return new PruneSpec { Enabled = reader.GetBoolean() };
        var node = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("expected true, false or a mapping");
        var enabled = options.PropertyNamingPolicy?.ConvertName(nameof(PruneSpec.Enabled)) ?? nameof(PruneSpec.Enabled);
        if (!node.ContainsKey(enabled)) node[enabled] = true;
        return node.Deserialize<PruneSpec>(options)!;
    }

    public override void Write(Utf8JsonWriter writer, PruneSpec value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, options);
}
