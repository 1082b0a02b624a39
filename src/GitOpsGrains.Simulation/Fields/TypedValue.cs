using System.Text.Json;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>A value read by its type: what it consists of, and whether it is well formed.</summary>
internal static class TypedValue
{
    /// <summary>Errors: <see cref="TypedValueException"/> for an undeclared field, another type, a duplicate or missing key.</summary>
    public static void Check(JsonNode? value, SchemaType type, string path = "")
    {
        if (value is null) return;
        switch (value)
        {
            case JsonObject map when type.Kind is SchemaKind.Struct or SchemaKind.Map:
                CheckMap(map, type, path);
                break;
            case JsonArray list when type.Kind == SchemaKind.List:
                CheckList(list, type, path);
                break;
            default:
                if (!IsOf(value, type)) throw new TypedValueException($"{path}: expected {Name(type)}, got &{{{Shown(value)}}}");
                break;
        }
    }

    public static bool IsOf(JsonNode value, SchemaType type) => (type.Kind, value.GetValueKind()) switch
    {
        (SchemaKind.Any, _) => true,
        (SchemaKind.Text or SchemaKind.Base64, JsonValueKind.String) => true,
        (SchemaKind.IntegerOrText or SchemaKind.Quantity, JsonValueKind.String or JsonValueKind.Number) => true,
        (SchemaKind.Integer, JsonValueKind.Number) => value.AsValue().IsInteger(out _),
        (SchemaKind.Number, JsonValueKind.Number) => true,
        (SchemaKind.Boolean, JsonValueKind.True or JsonValueKind.False) => true,
        (SchemaKind.Map or SchemaKind.Struct, JsonValueKind.Object) => true,
        (SchemaKind.List, JsonValueKind.Array) => true,
        _ => false,
    };

    /// <summary>Maps and lists are not shown: a text of their parts would tell more than the type.</summary>
    private static string Shown(JsonNode value) => value is JsonValue ? value.ToJsonString() : value.GetValueKind().ToString();

    public static string Name(SchemaType type) => type.Kind switch
    {
        SchemaKind.Struct or SchemaKind.Map => "map",
        SchemaKind.List => "list",
        SchemaKind.Boolean => "boolean",
        SchemaKind.Integer or SchemaKind.Number => "numeric (int or float)",
        _ => "string",
    };

    /// <summary>All fields that a manager owns who has applied this value.</summary>
    public static FieldSet Fields(JsonNode? value, SchemaType type) => Walk(value, type, isMember: false);

    private static FieldSet Walk(JsonNode? value, SchemaType type, bool isMember)
    {
        if (type.IsGranularMap(value))
        {
            var map = (JsonObject)value!;
            var steps = new FieldSetBuilder(map.Count);
            foreach (var (name, child) in map)
            {
                var isDeclared = type.Kind == SchemaKind.Struct && type.Fields.ContainsKey(name);
                var isNothing = child is null or JsonObject { Count: 0 };
                var fields = Walk(child, type.Member(name) ?? SchemaType.Any, isNothing || !isDeclared);
                if (!fields.IsEmpty) steps.Add(FieldSteps.Field(name), fields);
            }

            return FieldSet.Of(isMember, steps);
        }

        if (!type.IsGranularList(value) || value is JsonArray { Count: 0 }) return FieldSet.Of(true, []);
        var list = (JsonArray)value!;
        var items = new FieldSetBuilder(list.Count);
        foreach (var item in list) items.Add(FieldSteps.Item(type, item, ""), Walk(item, type.Item, isMember: true));
        return FieldSet.Of(isMember, items);
    }

    private static void CheckMap(JsonObject map, SchemaType type, string path)
    {
        foreach (var (name, child) in map)
        {
            var member = type.Member(name) ?? throw new TypedValueException($"{path}.{name}: field not declared in schema");
            // Most values are texts: no path is written for what is right.
            if (child is null || (child is JsonValue && IsOf(child, member))) continue;
            Check(child, member, $"{path}.{name}");
        }
    }

    private static void CheckList(JsonArray list, SchemaType type, string path)
    {
        if (type.List == ListKind.Atomic)
        {
            for (var index = 0; index < list.Count; index++) Check(list[index], type.Item, $"{path}[{index}]");
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list)
        {
            var step = FieldSteps.Item(type, item, path);
            if (!seen.Add(step)) throw new TypedValueException($"{path}: duplicate entries for key {FieldSteps.Text(step)}");
            Check(item, type.Item, path + FieldSteps.Text(step));
        }
    }
}
