using System.Text.Json;
using System.Text.Json.Nodes;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>
/// JSON documents of a stream, one after the other. JSON is read on its own because its tabs and its long keys are not YAML.
/// </summary>
internal sealed class JsonNodes(DocumentLimits limits, FaultList faults) : NodeBuilder(limits, faults)
{
    public static JsonReaderOptions Options(DocumentLimits limits) =>
        new() { AllowMultipleValues = true, MaxDepth = limits.MaxDepth + 1, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>Reads the value at hand. Errors: <see cref="JsonException"/>.</summary>
    /// <param name="line">The line of the document: JSON tells no line of a value, and one is enough.</param>
    public JsonNode? Read(ref Utf8JsonReader reader, int line)
    {
        Lines.Start = line;
        return Read(ref reader, NodePath.Root, 1, line);
    }

    private JsonNode? Read(ref Utf8JsonReader reader, NodePath path, int depth, int line)
    {
        Count(depth, line);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new JsonObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var key = Text(ref reader);
                    CheckKey(key, line);
                    reader.Read();
                    Add(map, key, Read(ref reader, path.Key(key), depth + 1, line), path, line);
                }

                return map;
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Add(Read(ref reader, path.Item(list.Count), depth + 1, line));
                return list;
            case JsonTokenType.String:
                return JsonValue.Create(Text(ref reader));
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            case JsonTokenType.Number when reader.TryGetInt64(out var whole):
                return JsonValue.Create(whole);
            case JsonTokenType.Number:
                // Beyond a double's range it would be infinite, which is no JSON.
                return reader.TryGetDouble(out var number) && double.IsFinite(number) ? JsonValue.Create(number) : throw new JsonException("a number is out of range");
            default:
                return null;
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException half)
        {
            throw new JsonException("a text holds half of a surrogate pair", half);
        }
    }
}
