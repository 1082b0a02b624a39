using System.Text.Json;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Kubernetes.Reading;

/// <summary>Makes objects and pages of JSON bytes. Each object owns its own bytes, so that keeping one doesn't keep a page. Errors: JsonException.</summary>
internal static class ObjectParser
{
    /// <summary>Schemas of CustomResourceDefinitions nest deeper than the reader's default of 64.</summary>
    public const int MaxDepth = 256;

    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth };

    public static LiveObject ParseObject(ReadOnlySpan<byte> json, ApiResource resource) =>
        LiveObject.From(JsonElement.Parse(json, DocumentOptions), resource.ApiVersion, resource.Kind);

    public static ObjectPage ParsePage(ReadOnlySpan<byte> json, ApiResource resource)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        var objects = new List<LiveObject>();
        var metadata = default(JsonElement);
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isItems = reader.ValueTextEquals("items"u8);
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isItems) ReadItems(ref reader, resource, objects);
            else if (isMetadata) metadata = JsonElement.ParseValue(ref reader);
            else reader.Skip();
        }

        var version = Text(metadata, "resourceVersion") ?? throw new JsonException("a list has a resourceVersion");
        var next = Text(metadata, "continue");
        return new ObjectPage(objects, version, string.IsNullOrEmpty(next) ? null : next);
    }

    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    private static void ReadItems(ref Utf8JsonReader reader, ApiResource resource, List<LiveObject> objects)
    {
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("the items of a list are an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            objects.Add(LiveObject.From(JsonElement.ParseValue(ref reader), resource.ApiVersion, resource.Kind));
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type) throw new JsonException($"{type} was expected");
    }
}
