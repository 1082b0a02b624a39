using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The annotations of a live object, as the rules for manifests read them.</summary>
internal static class LiveAnnotations
{
    public static IReadOnlyDictionary<string, string> Of(LiveObject live)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        if (live.Metadata.ValueKind != JsonValueKind.Object || !live.Metadata.TryGetProperty("annotations", out var map) || map.ValueKind != JsonValueKind.Object) return annotations;
        foreach (var annotation in map.EnumerateObject())
            if (annotation.Value.ValueKind == JsonValueKind.String)
                annotations[annotation.Name] = annotation.Value.GetString()!;
        return annotations;
    }
}
