using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Patching;

internal enum PatchKind
{
    Merge,
    Json,
    Strategic,
}

/// <summary>The three kinds of patches that are no apply.</summary>
internal static class Patches
{
    public static JsonObject Apply(PatchKind kind, JsonObject live, JsonNode patch, SchemaType type) => (kind switch
    {
        PatchKind.Json => JsonPatch.Apply(live, patch as JsonArray ?? throw ApiException.BadRequest("a JSON patch is a list")),
        PatchKind.Merge => Merge(live, patch),
        _ => StrategicPatch.Apply(live, patch as JsonObject ?? throw ApiException.BadRequest("a strategic merge patch is an object"), type),
    }) as JsonObject ?? throw ApiException.BadRequest("the patched object is no object");

    /// <summary>RFC 7386.</summary>
    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var merged = target is JsonObject map ? map : [];
        foreach (var (name, change) in changes)
        {
            if (change is null)
            {
                merged.Remove(name);
                continue;
            }

            var current = merged[name];
            merged.Remove(name);
            merged[name] = Merge(current, change);
        }

        return merged;
    }
}
