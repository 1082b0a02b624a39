using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents.Schemas;

/// <summary>JSON Schema (draft 2020-12) of each kind, for editors and for <c>kubectl</c>-like tools. Unknown fields are refused.</summary>
public static class DocumentSchemas
{
    private const string DurationPattern = @"^(0|([0-9]+(\.[0-9]+)?(ms|s|m|h))+)$";

    /// <param name="kind">One of <see cref="DocumentKinds"/>. Errors: <see cref="ArgumentException"/> for another.</param>
    public static JsonObject For(string kind)
    {
        var type = DocumentKinds.TypeOf(kind) ?? throw new ArgumentException("not a kind", nameof(kind));
        var exporter = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };
        var schema = DocumentJson.Options.GetJsonSchemaAsNode(type, exporter).AsObject();
        var properties = schema["properties"]!.AsObject();
        properties["apiVersion"] = new JsonObject { ["const"] = Document.V1 };
        properties["kind"] = new JsonObject { ["const"] = kind };
        properties["status"] = new JsonObject { ["description"] = "As the server prints it; read over." };
        schema["required"] = new JsonArray("apiVersion", "kind", "metadata", "spec");
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", kind);
        return schema;
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        if ((Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type) == typeof(TimeSpan))
            return new JsonObject { ["type"] = "string", ["pattern"] = DurationPattern };
        if (context.PropertyInfo?.CustomConverter is PruneSpecJsonConverter)
        {
            var fields = DocumentJson.Options.GetJsonSchemaAsNode(typeof(PruneSpec), new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform });
            return new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "boolean" }, fields) };
        }

        if (schema is JsonObject map && map.ContainsKey("properties"))
        {
            map["additionalProperties"] = false;
            map.Remove("required");
        }

        return schema;
    }
}
