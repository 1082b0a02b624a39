using System.Text.Json;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>Reads members of a payload of unknown shape.</summary>
internal static class Payload
{
    /// <summary>The text at a path of members; null when the shape is another.</summary>
    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.Find(path) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    public static JsonElement? Find(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        return element;
    }
}
