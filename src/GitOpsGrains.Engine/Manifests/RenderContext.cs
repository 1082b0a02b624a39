using System.Collections.Immutable;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>What a render needs to know beside the source. Only what the renderer uses goes into the key.</summary>
public sealed record RenderContext
{
    public static RenderContext None { get; } = new();

    /// <summary>The application's name, without its project: the name of helm's release, if the source gives none.</summary>
    public string Application { get; init; } = "";

    /// <summary>The destination's; "" when there is none.</summary>
    public string Namespace { get; init; } = "";

    public ClusterCapabilities Capabilities { get; init; } = ClusterCapabilities.Unknown;

    /// <summary>For substitution, by name: labels of the application and the cluster. The source's own variables win.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What <c>$name/path</c> in a chart's values files means, by name.</summary>
    public IReadOnlyDictionary<string, ReferencedSource> References { get; init; } = ImmutableDictionary<string, ReferencedSource>.Empty;

    public RenderPermissions Permissions { get; init; } = RenderPermissions.None;
}

/// <summary>Another repository at a commit.</summary>
public sealed record ReferencedSource(RepositoryAccess Repository, string Commit);

/// <summary>What a chart may ask of the target cluster.</summary>
/// <param name="KubeVersion">"v1.34.0"; "" when it is not known: the tool's own default.</param>
/// <param name="ApiVersions">"group/version" and "group/version/Kind"; empty: the tool's own default.</param>
public sealed record ClusterCapabilities(string KubeVersion, IReadOnlyList<string> ApiVersions)
{
    public static ClusterCapabilities Unknown { get; } = new("", []);
}

/// <summary>What may be fetched while rendering: an administrator's decision for each repository.</summary>
public sealed record RenderPermissions
{
    public static RenderPermissions None { get; } = new();

    public bool RemoteBases { get; init; }

    public bool ChartDependencies { get; init; }
}
