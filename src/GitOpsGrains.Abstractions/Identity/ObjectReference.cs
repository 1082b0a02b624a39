using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Abstractions.Identity;

/// <summary>
/// An object as people name it: in full, <c>group/Kind:namespace/name</c>, or short, <c>Kind/name</c>, which means every
/// object of that kind and name, whatever its group and namespace.
/// </summary>
[GenerateSerializer, Immutable, Alias("gog.ObjectReference")]
public sealed partial record ObjectReference
{
    public const string Shape = "group/Kind:namespace/name or Kind/name";
    private const int MaxLength = 700;

    /// <summary>Null: any.</summary>
    [Id(0)] public string? Group { get; init; }
    [Id(1)] public string Kind { get; init; } = "";
    /// <summary>Null: any; "" for cluster-scoped kinds.</summary>
    [Id(2)] public string? Namespace { get; init; }
    [Id(3)] public string Name { get; init; } = "";

    public bool Matches(ResourceId id) =>
        Kind == id.Kind && Name == id.Name && (Group is null || Group == id.Group) && (Namespace is null || Namespace == id.Namespace);

    public override string ToString() => Group is null ? $"{Kind}/{Name}" : new ResourceId(Group, Kind, Namespace ?? "", Name).ToString();

    public static bool TryParse(string? text, [NotNullWhen(true)] out ObjectReference? reference)
    {
        reference = null;
        if (text is not { Length: > 0 and <= MaxLength } || text.Any(char.IsControl)) return false;
        if (ResourceId.TryParse(text, out var id) && IsKind().IsMatch(id.Kind))
        {
            if (!IsGroup().IsMatch(id.Group) || !IsNamespace().IsMatch(id.Namespace) || !IsName().IsMatch(id.Name)) return false;
            reference = new ObjectReference { Group = id.Group, Kind = id.Kind, Namespace = id.Namespace, Name = id.Name };
            return true;
        }
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IsKind().IsMatch(text[..slash]) || !IsName().IsMatch(text[(slash + 1)..])) return false;
        reference = new ObjectReference { Kind = text[..slash], Name = text[(slash + 1)..] };
        return true;
    }

    [GeneratedRegex(@"\A[A-Z][A-Za-z0-9]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsKind();

    [GeneratedRegex(@"\A[a-z0-9.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsGroup();

    [GeneratedRegex(@"\A[a-z0-9-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsNamespace();

    /// <summary>Wider than DNS: RBAC has names such as <c>system:node</c>. What Kubernetes refuses in a path is in none.</summary>
    [GeneratedRegex(@"\A[^/%\s]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsName();
}
