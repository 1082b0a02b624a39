using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>A field selector: a.b=c, a.b!=c. Any field may be named; servers know a few per kind.</summary>
internal sealed class FieldSelector
{
    private static readonly FieldSelector Everything = new([]);

    private readonly (string Path, string Value, bool IsEqual)[] _terms;

    private FieldSelector((string, string, bool)[] terms) => _terms = terms;

    /// <summary>Errors: 400.</summary>
    public static FieldSelector Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return Everything;
        return new FieldSelector([.. text.Split(',').Select(static term =>
        {
            var at = term.IndexOf('=', StringComparison.Ordinal);
            if (at < 1) throw ApiException.BadRequest($"invalid field selector: '{term}'");
            var isNot = term[at - 1] == '!';
            return (term[..(isNot ? at - 1 : at)], term[(at + 1)..].TrimStart('='), !isNot);
        })]);
    }

    public bool Matches(StoredObject stored, ResourceKind kind)
    {
        JsonObject? node = null;
        foreach (var (path, value, isEqual) in _terms)
        {
            var seen = path switch
            {
                "metadata.name" => stored.Name,
                "metadata.namespace" => stored.Namespace,
                _ => Read(node ??= stored.ToNode(kind), path),
            };
            if (seen == value != isEqual) return false;
        }

        return true;
    }

    private static string Read(JsonObject node, string path)
    {
        JsonNode? at = node;
        foreach (var step in path.Split('.')) at = (at as JsonObject)?[step];
        return at?.ToString() ?? "";
    }
}
