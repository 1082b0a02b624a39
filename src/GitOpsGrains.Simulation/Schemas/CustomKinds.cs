using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Schemas;

/// <summary>Makes kinds of a CustomResourceDefinition. List types are honoured, as servers since 1.21 do.</summary>
internal static class CustomKinds
{
    /// <summary>Errors: FormatException for a pattern that is none.</summary>
    public static List<ResourceKind> Read(JsonObject definition)
    {
        if (definition["spec"] is not JsonObject spec || spec["names"] is not JsonObject names) return [];
        List<ResourceKind> kinds = [];
        foreach (var version in (spec["versions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (version["served"]?.GetValueKind() != JsonValueKind.True) continue;
            var subresources = (version["subresources"] as JsonObject ?? []).Select(static entry => entry.Key).ToHashSet();
            kinds.Add(new ResourceKind(
                Text(spec, "group"), Text(version, "name"), Text(names, "plural"), names["singular"]?.ToString() ?? Text(names, "kind").ToLowerInvariant(),
                Text(names, "kind"), Text(spec, "scope") == "Namespaced", Root(version["schema"]?["openAPIV3Schema"] as JsonObject))
            {
                IsCustom = true,
                IsTerminating = definition["metadata"]?["deletionTimestamp"] is not null,
                Subresources = subresources,
                PrinterColumns = [.. (version["additionalPrinterColumns"] as JsonArray ?? []).OfType<JsonObject>().Select(ReadColumn)],
                CustomCategories = [.. (names["categories"] as JsonArray ?? []).Select(static name => name?.ToString() ?? "")],
                ShortNames = [.. (names["shortNames"] as JsonArray ?? []).Select(static name => name?.ToString() ?? "")],
            });
        }

        return kinds;
    }

    private static PrinterColumn ReadColumn(JsonObject column) =>
        new(Text(column, "name"), Text(column, "type"), Text(column, "jsonPath"), column["priority"] is JsonValue priority && priority.IsInteger(out var number) ? (int)number : 0);

    private static SchemaType Root(JsonObject? schema)
    {
        var declared = schema is null ? new SchemaType(SchemaKind.Struct) { KeepsUnknown = true } : ReadType(schema, isRoot: true);
        declared.Fields["apiVersion"] = SchemaType.Text;
        declared.Fields["kind"] = SchemaType.Text;
        declared.Fields["metadata"] = SchemaTable.BuiltIn.Metadata;
        return declared;
    }

    private static SchemaType ReadType(JsonObject schema, bool isRoot = false)
    {
        if (schema["x-kubernetes-int-or-string"]?.GetValueKind() == JsonValueKind.True) return SchemaType.IntegerOrText;
        var rules = Rules(schema);
        return (schema["type"]?.ToString(), isRoot) switch
        {
            ("object", _) or (_, true) => ReadObject(schema, isRoot),
            ("array", _) => ReadList(schema, rules),
            ("string", _) => new SchemaType(SchemaKind.Text) { Rules = rules },
            ("integer", _) => new SchemaType(SchemaKind.Integer) { Rules = rules },
            ("number", _) => new SchemaType(SchemaKind.Number) { Rules = rules },
            ("boolean", _) => SchemaType.Boolean,
            _ => SchemaType.Any,
        };
    }

    private static SchemaType ReadObject(JsonObject schema, bool isRoot)
    {
        var isAtomic = schema["x-kubernetes-map-type"]?.ToString() == "atomic";
        if (schema["properties"] is not JsonObject properties)
        {
            if (schema["additionalProperties"] is JsonObject element) return new SchemaType(SchemaKind.Map) { Element = ReadType(element), IsAtomic = isAtomic };
            var isOpen = schema["x-kubernetes-preserve-unknown-fields"]?.GetValueKind() == JsonValueKind.True;
            return isRoot || !isOpen ? new SchemaType(SchemaKind.Struct) { KeepsUnknown = isOpen, IsAtomic = isAtomic } : SchemaType.Any;
        }

        var type = new SchemaType(SchemaKind.Struct)
        {
            IsAtomic = isAtomic,
            KeepsUnknown = schema["x-kubernetes-preserve-unknown-fields"]?.GetValueKind() == JsonValueKind.True,
            Required = [.. (schema["required"] as JsonArray ?? []).Select(static name => name?.ToString() ?? "")],
        };
        foreach (var (name, child) in properties)
        {
            if (child is not JsonObject declared) continue;
            type.Fields[name] = ReadType(declared);
            if (declared["default"] is { } standard) type.Defaults[name] = standard.DeepClone();
        }

        return type;
    }

    private static SchemaType ReadList(JsonObject schema, ValueRules rules)
    {
        var element = schema["items"] is JsonObject items ? ReadType(items) : SchemaType.Any;
        return schema["x-kubernetes-list-type"]?.ToString() switch
        {
            "map" => new SchemaType(SchemaKind.List)
            {
                Element = element, List = ListKind.Keyed, Rules = rules,
                Keys = [.. (schema["x-kubernetes-list-map-keys"] as JsonArray ?? []).Select(static key => key?.ToString() ?? "")],
            },
            "set" => new SchemaType(SchemaKind.List) { Element = element, List = ListKind.Set, Rules = rules },
            _ => new SchemaType(SchemaKind.List) { Element = element, Rules = rules },
        };
    }

    private static ValueRules Rules(JsonObject schema) => new(
        [.. (schema["enum"] as JsonArray ?? []).OfType<JsonNode>()], Number(schema, "minimum"), Number(schema, "maximum"),
        (int?)Number(schema, "minLength"), (int?)Number(schema, "maxLength"), (int?)Number(schema, "minItems"), (int?)Number(schema, "maxItems"),
        schema["pattern"]?.ToString());

    private static double? Number(JsonObject schema, string name) =>
        schema[name] is { } number && double.TryParse(number.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string Text(JsonObject map, string name) => map[name]?.ToString() ?? "";
}
