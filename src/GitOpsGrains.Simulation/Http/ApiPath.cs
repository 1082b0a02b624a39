using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Http;

/// <summary>The paths of an API server: /api/v1/… and /apis/GROUP/VERSION/….</summary>
internal static class ApiPath
{
    /// <summary>Null where the path names no kind that the cluster serves. A collection has no name.</summary>
    public static ObjectAddress? Parse(string path, KindCatalog kinds)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, at) = parts switch
        {
            ["api", ..] => ("", 1),
            ["apis", var name, ..] => (name, 2),
            _ => ("", parts.Length),
        };
        if (parts.Length < at + 2) return null;
        var version = parts[at];
        var rest = parts[(at + 1)..];
        // "namespaces/a/pods" is of pods, "namespaces/a/status" of the namespace.
        if (rest is ["namespaces", var space, var plural, ..] && kinds.Find(group, version, plural) is { Namespaced: true } inside)
            return Of(inside, space, rest[3..]);
        return kinds.Find(group, version, rest[0]) is { } kind ? Of(kind, "", rest[1..]) : null;
    }

    /// <summary>Paths of pods, and of what runs in them.</summary>
    public static bool IsOfContainers(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) is
        ["api", "v1", "namespaces", _, "pods", _, "log" or "exec" or "attach" or "portforward" or "proxy" or "ephemeralcontainers", ..];

    private static ObjectAddress? Of(ResourceKind kind, string space, string[] rest) => rest.Length switch
    {
        0 => new ObjectAddress(kind, space, "", ""),
        1 when kind.Namespaced == space.Length > 0 => new ObjectAddress(kind, space, rest[0], ""),
        2 when kind.Namespaced == space.Length > 0 && (kind.Subresources.Contains(rest[1]) || (kind.Storage == "namespaces" && rest[1] == "finalize")) => new ObjectAddress(kind, space, rest[0], rest[1]),
        _ => null,
    };
}
