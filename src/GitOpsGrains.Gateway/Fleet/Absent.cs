using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Catalog;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>How all faces say that there is no such thing.</summary>
internal static class Absent
{
    public static GrainRefusedException Thing(CatalogKind kind, string name) => Of($"there is no {kind} {name}");

    public static GrainRefusedException Application(string key) => Of($"there is no application {key}");

    public static GrainRefusedException Target(string key, string cluster) => Of($"application {key} has no target on cluster {cluster}");

    public static GrainRefusedException Operation() => Of("there is no such operation, or it is too long ago");

    public static GrainRefusedException Credential(string name) => Of($"there is no stored credential {name}");

    private static GrainRefusedException Of(string message) => new(RefusalKind.NotFound, message);
}
