using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Answers;
using GitOpsGrains.Kubernetes.Reading;

namespace GitOpsGrains.Kubernetes.Watching;

/// <summary>Makes an event of one line of a watch. Errors: JsonException.</summary>
internal static class WatchEventParser
{
    public static WatchEvent Parse(in ReadOnlySequence<byte> line, ApiResource resource)
    {
        var reader = new Utf8JsonReader(line, ObjectParser.ReaderOptions);
        string? type = null;
        var element = default(JsonElement);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("an event is an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String) type = reader.GetString();
            else if (isObject) element = JsonElement.ParseValue(ref reader);
            else reader.Skip();
        }

        return type switch
        {
            "ADDED" => OfObject(WatchEventKind.Added, element, resource),
            "MODIFIED" => OfObject(WatchEventKind.Modified, element, resource),
            "DELETED" => OfObject(WatchEventKind.Deleted, element, resource),
            "BOOKMARK" => OfBookmark(element),
            "ERROR" => OfError(element),
            _ => throw new JsonException("an event has a known type"),
        };
    }

    public static WatchEvent OfError(ClusterError error) => new(WatchEventKind.Error, null, "", error);

    private static WatchEvent OfObject(WatchEventKind kind, JsonElement element, ApiResource resource)
    {
        var live = LiveObject.From(element, resource.ApiVersion, resource.Kind);
        return new WatchEvent(kind, live, live.ResourceVersion, null);
    }

    private static WatchEvent OfBookmark(JsonElement element)
    {
        var version = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("metadata", out var metadata)
            ? ObjectParser.Text(metadata, "resourceVersion") : null;
        return string.IsNullOrEmpty(version)
            ? throw new JsonException("a bookmark has a resourceVersion")
            : new WatchEvent(WatchEventKind.Bookmark, null, version, null);
    }

    private static WatchEvent OfError(JsonElement element)
    {
        var status = StatusDocument.From(element);
        return OfError(AnswerClassifier.Classify(status.Code == 0 ? 500 : status.Code, status, null, SecretMask.None));
    }
}
