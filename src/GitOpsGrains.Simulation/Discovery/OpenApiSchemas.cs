using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Discovery;

/// <summary>The types of kinds as OpenAPI, without descriptions: for "kubectl explain", and for the merge keys of "kubectl apply".</summary>
internal static class OpenApiSchemas
{
    public static JsonObject Of(IEnumerable<ResourceKind> kinds)
    {
        var schemas = new JsonObject();
        var open = new Queue<SchemaType>();
        foreach (var kind in kinds)
        {
            var schema = Struct(kind.Type, open);
            schema["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind });
            schemas[kind.Type.Name.Length > 0 ? kind.Type.Name : $"{kind.Group}.{kind.Version}.{kind.Kind}"] = schema;
        }

        while (open.TryDequeue(out var type))
            if (!schemas.ContainsKey(type.Name)) schemas[type.Name] = Struct(type, open);
        return schemas;
    }

    private static JsonObject Struct(SchemaType type, Queue<SchemaType> open)
    {
        var properties = new JsonObject();
        foreach (var (name, field) in type.Fields.OrderBy(static field => field.Key, StringComparer.Ordinal)) properties[name] = Member(field, open);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (type.Required.Length > 0) schema["required"] = new JsonArray([.. type.Required.Select(static name => (JsonNode)name)]);
        if (type.KeepsUnknown) schema["x-kubernetes-preserve-unknown-fields"] = true;
        return schema;
    }

    private static JsonObject Member(SchemaType type, Queue<SchemaType> open)
    {
        var schema = Value(type, open);
        if (type.Kind != SchemaKind.List || type.List == ListKind.Atomic) return schema;
        schema["x-kubernetes-list-type"] = type.List == ListKind.Set ? "set" : "map";
        if (type.List == ListKind.Keyed) schema["x-kubernetes-list-map-keys"] = new JsonArray([.. type.Keys.Select(static key => (JsonNode)key)]);
        if (type.List == ListKind.Keyed && type.PatchKey is null) return schema;
        schema["x-kubernetes-patch-strategy"] = "merge";
        if (type.PatchKey is { } patchKey) schema["x-kubernetes-patch-merge-key"] = patchKey;
        return schema;
    }

    private static JsonObject Value(SchemaType type, Queue<SchemaType> open)
    {
        switch (type.Kind)
        {
            case SchemaKind.Struct when type.Name.Length > 0:
                open.Enqueue(type);
                // A reference beside other words is wrapped, as servers do.
                return new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = $"#/components/schemas/{type.Name}" }) };
            case SchemaKind.Struct:
                return Struct(type, open);
            case SchemaKind.Map:
                return new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(type.Element!, open) };
            case SchemaKind.List:
                return new JsonObject { ["type"] = "array", ["items"] = Value(type.Item, open) };
            case SchemaKind.Integer:
                return new JsonObject { ["type"] = "integer" };
            case SchemaKind.Number:
                return new JsonObject { ["type"] = "number" };
            case SchemaKind.Boolean:
                return new JsonObject { ["type"] = "boolean" };
            case SchemaKind.Text or SchemaKind.Base64:
                return new JsonObject { ["type"] = "string" };
            case SchemaKind.IntegerOrText or SchemaKind.Quantity:
                return new JsonObject { ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" }) };
            default:
                return new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        }
    }
}
