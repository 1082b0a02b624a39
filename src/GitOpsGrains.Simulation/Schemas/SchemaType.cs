using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Schemas;

internal enum SchemaKind
{
    /// <summary>Anything: maps merge by key, lists are atomic.</summary>
    Any,
    Text,
    Integer,
    Number,
    Boolean,
    IntegerOrText,
    Quantity,
    Base64,
    Map,
    Struct,
    List,
}

internal enum ListKind
{
    Atomic,
    Set,
    Keyed,
}

/// <summary>What a value may be, and how it merges. Filled once by a reader, then only read; structs may contain themselves.</summary>
internal sealed class SchemaType(SchemaKind kind)
{
    public static readonly SchemaType Any = new(SchemaKind.Any);
    public static readonly SchemaType Text = new(SchemaKind.Text);
    public static readonly SchemaType Integer = new(SchemaKind.Integer);
    public static readonly SchemaType Number = new(SchemaKind.Number);
    public static readonly SchemaType Boolean = new(SchemaKind.Boolean);
    public static readonly SchemaType IntegerOrText = new(SchemaKind.IntegerOrText);
    public static readonly SchemaType Quantity = new(SchemaKind.Quantity);
    public static readonly SchemaType Base64 = new(SchemaKind.Base64);

    public SchemaKind Kind { get; } = kind;

    /// <summary>A map, struct or list that is one value to its managers.</summary>
    public bool IsAtomic { get; init; }

    /// <summary>Of a map or list.</summary>
    public SchemaType? Element { get; init; }

    public ListKind List { get; init; }

    /// <summary>The fields that name an item of a keyed list.</summary>
    public IReadOnlyList<string> Keys
    {
        get;
        init => SortedKeys = [.. (field = value).Order(StringComparer.Ordinal)];
    } = [];

    /// <summary>In the order in which a step names them.</summary>
    public string[] SortedKeys { get; private init; } = [];

    /// <summary>The one field that names an item in a strategic merge patch; null where such a patch takes the list's place.</summary>
    public string? PatchKey { get; init; }

    /// <summary>Of a struct.</summary>
    public Dictionary<string, SchemaType> Fields { get; } = new(StringComparer.Ordinal);

    public string[] Required { get; init; } = [];

    /// <summary>Values of fields that are absent.</summary>
    public Dictionary<string, JsonNode> Defaults { get; } = new(StringComparer.Ordinal);

    /// <summary>A struct whose undeclared fields are kept.</summary>
    public bool KeepsUnknown { get; init; }

    /// <summary>Of a type of the built-in API: "core.v1.Container".</summary>
    public string Name { get; init; } = "";

    /// <summary>A type of the built-in API: empty texts are not kept, as its Go types don't.</summary>
    public bool IsBuiltIn { get; init; }

    /// <summary>What the schema of a CustomResourceDefinition asks of a value: enum, minimum, pattern and the like.</summary>
    public ValueRules? Rules { get; init; }

    /// <summary>The type of a member; null if the type doesn't know it.</summary>
    public SchemaType? Member(string name) => Kind switch
    {
        SchemaKind.Any => Any,
        SchemaKind.Map => Element,
        SchemaKind.Struct => Fields.TryGetValue(name, out var type) ? type : KeepsUnknown ? Any : null,
        _ => null,
    };

    /// <summary>Whether two lists surely have the same items in the same order: a quick look at their keys, none of them left to a default.</summary>
    public bool IsSameOrder(JsonArray left, JsonArray right)
    {
        if (left.Count != right.Count || List != ListKind.Keyed) return false;
        for (var at = 0; at < left.Count; at++)
        {
            if (left[at] is not JsonObject one || right[at] is not JsonObject other) return false;
            foreach (var key in SortedKeys)
                if (one[key] is not { } value || !JsonNode.DeepEquals(value, other[key])) return false;
        }

        return true;
    }

    public SchemaType Item => Kind == SchemaKind.List ? Element! : Any;

    /// <summary>Whether a value is merged member by member.</summary>
    public bool IsGranularMap(JsonNode? value) => value is JsonObject && !IsAtomic && Kind is SchemaKind.Any or SchemaKind.Map or SchemaKind.Struct;

    public bool IsGranularList(JsonNode? value) => value is JsonArray && Kind == SchemaKind.List && List != ListKind.Atomic;
}
