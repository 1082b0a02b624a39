namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>
/// What a render may depend on beside the sources: the application, and the clusters that it is for. Clusters for which it is
/// the same share one render.
/// </summary>
[GenerateSerializer, Immutable, Alias("gog.RenderScope")]
public sealed record RenderScope
{
    /// <summary>The application's name, without its project.</summary>
    [Id(0)] public string Application { get; init; } = "";
    /// <summary>The destination's; "" when there is none.</summary>
    [Id(1)] public string Namespace { get; init; } = "";
    /// <summary>Of the clusters ("v1.34.0"); "" when it is not known or does not matter.</summary>
    [Id(2)] public string KubeVersion { get; init; } = "";
    /// <summary>For substitution: labels of the application and the clusters whose keys are names of variables.</summary>
    [Id(4)] public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
    /// <summary>Digest of all kinds that the clusters serve (<see cref="Clusters.ClusterKinds"/>); "" as <see cref="KubeVersion"/>.</summary>
    [Id(5)] public string Kinds { get; init; } = "";
    /// <summary>One of the clusters, to be asked for what <see cref="Kinds"/> is the digest of; "" as that.</summary>
    [Id(6)] public string Cluster { get; init; } = "";
}
