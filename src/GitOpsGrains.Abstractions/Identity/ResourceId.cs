using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Abstractions.Identity;

/// <summary>
/// Names one object of one cluster, whatever version it is served in: API group ("" for the core group), kind,
/// namespace ("" for cluster-scoped kinds) and name. Text form: <c>group/Kind:namespace/name</c>, as in the
/// <c>gitopsgrains.io/target</c> annotation.
/// </summary>
[GenerateSerializer, Immutable, Alias("gog.ResourceId")]
[JsonConverter(typeof(ResourceIdJsonConverter))]
public readonly record struct ResourceId(
    [property: Id(0)] string Group,
    [property: Id(1)] string Kind,
    [property: Id(2)] string Namespace,
    [property: Id(3)] string Name) : IComparable<ResourceId>
{
    /// <summary>The parts that tell most objects apart: hashing all four costs twice as much, for every look-up there is.</summary>
    public override int GetHashCode() => HashCode.Combine(Name, Namespace, Kind?.Length);

    public override string ToString() => $"{Group}/{Kind}:{Namespace}/{Name}";

    /// <summary><c>Kind</c> of the core group, else <c>Kind.group</c>: as projects name kinds.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <summary>What people read in messages: <c>Deployment web/podinfo</c>, <c>Namespace web</c>.</summary>
    public string Display =>
        QualifiedKind + " " + (Namespace.Length == 0 ? Name : $"{Namespace}/{Name}");

    public static bool TryParse(string? text, out ResourceId id)
    {
        id = default;
        if (text is null) return false;
        // Names may hold colons (RBAC), kinds and groups may not: the first colon ends the kind.
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return false;
        var slash = text.LastIndexOf('/', colon);
        var second = text.IndexOf('/', colon);
        if (slash < 0 || second < 0) return false;
        id = new ResourceId(text[..slash], text[(slash + 1)..colon], text[(colon + 1)..second], text[(second + 1)..]);
        return id.Kind.Length > 0 && id.Name.Length > 0;
    }

    public int CompareTo(ResourceId other)
    {
        var order = string.CompareOrdinal(Group, other.Group);
        if (order == 0) order = string.CompareOrdinal(Kind, other.Kind);
        if (order == 0) order = string.CompareOrdinal(Namespace, other.Namespace);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }

    public static bool operator <(ResourceId left, ResourceId right) => left.CompareTo(right) < 0;
    public static bool operator <=(ResourceId left, ResourceId right) => left.CompareTo(right) <= 0;
    public static bool operator >(ResourceId left, ResourceId right) => left.CompareTo(right) > 0;
    public static bool operator >=(ResourceId left, ResourceId right) => left.CompareTo(right) >= 0;
}

/// <summary>Writes a <see cref="ResourceId"/> as its text form, also as a dictionary key.</summary>
public sealed class ResourceIdJsonConverter : JsonConverter<ResourceId>
{
    public override ResourceId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, ResourceId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());

    public override ResourceId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    public override void WriteAsPropertyName(Utf8JsonWriter writer, ResourceId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.ToString());

    private static ResourceId Parse(string? text) =>
        ResourceId.TryParse(text, out var id) ? id : throw new JsonException($"'{text}' is not group/Kind:namespace/name");
}
