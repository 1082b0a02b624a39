using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Fields;

namespace GitOpsGrains.Simulation.Objects;

/// <summary>An object's metadata, in the order and with the fields that servers write.</summary>
internal static class ObjectMetadata
{
    private static readonly string[] Order =
    [
        "name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    ];

    /// <summary>What only the server sets; a write carries it over from the live object.</summary>
    private static readonly string[] Server = ["uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"];

    public static JsonObject Of(JsonObject node)
    {
        if (node["metadata"] is JsonObject metadata) return metadata;
        metadata = [];
        node["metadata"] = metadata;
        return metadata;
    }

    public static string? Text(JsonObject node, string name) => (node["metadata"] as JsonObject)?[name] is JsonValue value ? value.ToString() : null;

    public static bool IsDeleting(JsonObject node) => Text(node, "deletionTimestamp") is not null;

    public static JsonArray Finalizers(JsonObject node) => (node["metadata"] as JsonObject)?["finalizers"] as JsonArray ?? [];

    public static void CarryOver(JsonObject live, JsonObject next)
    {
        var (from, to) = (Of(live), Of(next));
        foreach (var name in Server)
        {
            if (from[name] is { } value) to[name] = value.DeepClone();
            else to.Remove(name);
        }

        to["name"] = from["name"]!.DeepClone();
        if (from["namespace"] is { } space) to["namespace"] = space.DeepClone();
    }

    public static void Clear(JsonObject node)
    {
        var metadata = Of(node);
        foreach (var name in Server) metadata.Remove(name);
        metadata.Remove("selfLink");
        metadata.Remove("managedFields");
    }

    /// <summary>Takes the entries of the managers out; null where there are none that can be read.</summary>
    public static ManagedFields? TakeManagedFields(JsonObject node)
    {
        var metadata = Of(node);
        var fields = ManagedFields.Parse(metadata["managedFields"]);
        metadata.Remove("managedFields");
        return fields;
    }

    /// <summary>Puts the entries in, and all fields into their order.</summary>
    public static void Finish(JsonObject node, ManagedFields fields)
    {
        var metadata = Of(node);
        metadata.Remove("managedFields");
        if (fields.ToJson() is { } entries) metadata["managedFields"] = entries;
        var sorted = new JsonObject();
        foreach (var name in Order)
        {
            if (metadata[name] is not { } value) continue;
            metadata.Remove(name);
            if (value is JsonObject { Count: 0 } or JsonArray { Count: 0 }) continue;
            sorted[name] = value;
        }

        node["metadata"] = sorted;
    }
}
