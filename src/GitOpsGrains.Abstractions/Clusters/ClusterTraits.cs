using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Abstractions.Clusters;

/// <summary>What the manifests for a cluster may depend on.</summary>
[GenerateSerializer, Immutable, Alias("gog.ClusterTraits")]
public sealed record ClusterTraits
{
    [Id(0)] public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
    /// <summary>"v1.34.0"; "" while it is not known.</summary>
    [Id(1)] public string KubeVersion { get; init; } = "";
    /// <summary><see cref="ClusterKinds.Digest"/>; "" while it is not known.</summary>
    [Id(2)] public string Kinds { get; init; } = "";
    /// <summary>Why version and kinds are not known.</summary>
    [Id(3)] public Condition? Condition { get; init; }
}

/// <summary>The kinds that a cluster serves.</summary>
[GenerateSerializer, Immutable, Alias("gog.ClusterKinds")]
public sealed record ClusterKinds
{
    public static ClusterKinds Unknown { get; } = new();

    /// <summary>Of <see cref="ApiVersions"/>; "" when they are not known.</summary>
    [Id(0)] public string Digest { get; init; } = "";
    /// <summary>"group/version" ("v1" of the core group) and "group/version/Kind", in ordinal order.</summary>
    [Id(1)] public IReadOnlyList<string> ApiVersions { get; init; } = [];
}
