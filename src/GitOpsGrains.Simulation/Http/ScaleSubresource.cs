using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Patching;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Http;

/// <summary>…/scale: the replicas of a workload as an object of its own.</summary>
internal static class ScaleSubresource
{
    private static readonly SchemaType Type = SchemaType.Any;

    public static JsonObject Read(SimulatedCluster cluster, ObjectAddress address)
    {
        lock (cluster.Store.Gate)
        {
            var stored = cluster.Store.Of(address.Kind).Find(address.Namespace, address.Name) ?? throw ApiException.NotFound(address.Kind, address.Name);
            return Of(stored.ToNode(address.Kind));
        }
    }

    /// <param name="patch">Null for a whole Scale in the body.</param>
    public static JsonObject Write(SimulatedCluster cluster, ObjectAddress address, PatchKind? patch, JsonNode body, WriteOptions options)
    {
        lock (cluster.Store.Gate)
        {
            var scale = Read(cluster, address);
            var next = patch is { } kind ? Patches.Apply(kind, scale, body, Type) : (JsonObject)body;
            if (next["spec"]?["replicas"] is not JsonValue replicas || !replicas.TryGetValue<long>(out var count))
                throw ApiException.BadRequest("a Scale has spec.replicas");
            var node = cluster.Store.Of(address.Kind).Find(address.Namespace, address.Name)!.ToNode(address.Kind);
            if (next["metadata"]?["resourceVersion"]?.ToString() is { Length: > 0 } version) node["metadata"]!["resourceVersion"] = version;
            node["spec"]!["replicas"] = count;
            return Of(cluster.Writer.Update(address, node, options).ToNode(address.Kind));
        }
    }

    private static JsonObject Of(JsonObject node)
    {
        var metadata = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"]) metadata[name] = node["metadata"]?[name]?.DeepClone();
        var selector = string.Join(',', (node["spec"]?["selector"]?["matchLabels"] as JsonObject ?? []).Select(static label => $"{label.Key}={label.Value}"));
        return new JsonObject
        {
            ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = node["spec"]?["replicas"]?.DeepClone() ?? 1 },
            ["status"] = new JsonObject { ["replicas"] = node["status"]?["replicas"]?.DeepClone() ?? 0, ["selector"] = selector },
        };
    }
}
