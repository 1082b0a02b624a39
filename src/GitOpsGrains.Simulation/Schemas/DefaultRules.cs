using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Schemas;

/// <summary>
/// Makes of a value what a server stores: undeclared fields and nulls go, absent fields get their defaults. Works in place.
/// </summary>
internal static class DefaultRules
{
    /// <param name="unknown">Gets the paths of the undeclared fields; null where nobody asks.</param>
    public static void Complete(JsonNode? value, SchemaType type, List<string>? unknown = null, string path = "")
    {
        switch (value)
        {
            case JsonObject map:
                CompleteMap(map, type, unknown, path);
                break;
            case JsonArray list when type.Kind == SchemaKind.List:
                for (var index = 0; index < list.Count; index++) Complete(list[index], type.Item, unknown, $"{path}[{index}]");
                break;
        }
    }

    private static void CompleteMap(JsonObject map, SchemaType type, List<string>? unknown, string path)
    {
        for (var at = 0; at < map.Count; at++)
        {
            var (name, child) = map.At(at);
            var member = type.Member(name);
            if (member is null) unknown?.Add(path.Length == 0 ? name : $"{path}.{name}");
            if (member is null || child is null || (type.IsBuiltIn && IsEmptyText(child, name, type))) map.RemoveAt(at--);
            else if (child is not JsonValue) Complete(child, member, unknown, unknown is null ? "" : path.Length == 0 ? name : $"{path}.{name}");
        }

        foreach (var (name, standard) in type.Defaults)
        {
            if (map.ContainsKey(name)) continue;
            var filled = standard.DeepClone();
            map[name] = filled;
            if (filled is JsonObject or JsonArray) Complete(filled, type.Member(name) ?? SchemaType.Any);
        }

        if (type.IsBuiltIn && type.Name.Length > 0) Dependent(map, type);
        if (type.IsBuiltIn) Canonical(map, type);
    }

    private static bool IsEmptyText(JsonNode child, string name, SchemaType type) =>
        child is JsonValue { IsEmptyText: true }
        && type.Kind == SchemaKind.Struct && !type.Required.Contains(name) && !type.Defaults.ContainsKey(name) && name is not ("apiGroup" or "storageClassName");

    /// <summary>Defaults that look at other fields.</summary>
    private static void Dependent(JsonObject map, SchemaType type)
    {
        if (type.Name == "core.v1.Container")
            map.TryAdd("imagePullPolicy", IsLatest(map["image"]?.ToString() ?? "") ? "Always" : "IfNotPresent");
        else if (type.Name == "core.v1.ServicePort" && map["port"] is { } port && map["targetPort"] is null)
            map["targetPort"] = port.DeepClone();
        else if (type.Name == "apps.v1.DeploymentStrategy" && map["type"]?.ToString() == "RollingUpdate")
            Fill(map, "rollingUpdate", ("maxUnavailable", "25%"), ("maxSurge", "25%"));
        else if (type.Name == "apps.v1.DaemonSetUpdateStrategy" && map["type"]?.ToString() == "RollingUpdate")
            Fill(map, "rollingUpdate", ("maxUnavailable", 1));
        else if (type.Name == "apps.v1.StatefulSetUpdateStrategy" && map["type"]?.ToString() == "RollingUpdate")
            Fill(map, "rollingUpdate", ("partition", 0));
        else if (type.Name == "networking.v1.NetworkPolicySpec" && map["policyTypes"] is null)
            map["policyTypes"] = map["egress"] is JsonArray { Count: > 0 } ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        else if (type.Name == "core.v1.ResourceRequirements" && map["limits"] is JsonObject limits)
            Fill(map, "requests", [.. limits.Select(limit => (limit.Key, limit.Value!.DeepClone()))]);
    }

    private static void Fill(JsonObject map, string name, params (string Name, JsonNode Value)[] standards)
    {
        if (map[name] is not JsonObject inner) map[name] = inner = [];
        foreach (var (field, value) in standards) inner.TryAdd(field, value);
    }

    private static bool IsLatest(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !name.Contains('@', StringComparison.Ordinal) && (!name.Contains(':', StringComparison.Ordinal) || name.EndsWith(":latest", StringComparison.Ordinal));
    }

    private static void Canonical(JsonObject map, SchemaType type)
    {
        for (var at = 0; at < map.Count; at++)
        {
            var (name, child) = map.At(at);
            if (type.Member(name) is not { } member || child is null) continue;
            if (member.Kind == SchemaKind.Quantity) map.SetAt(at, Quantities.Canonical(child));
            else if (member is { Kind: SchemaKind.Map, Element.Kind: SchemaKind.Quantity } && child is JsonObject amounts)
                foreach (var (key, amount) in amounts.ToArray())
                    if (amount is not null) amounts[key] = Quantities.Canonical(amount);
        }
    }
}
