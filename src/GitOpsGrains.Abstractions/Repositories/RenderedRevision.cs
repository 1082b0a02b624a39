using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>
/// An application's sources at other commits, rendered to be looked at and not to be applied: nobody has subscribed to it. The
/// objects travel by the manifest library.
/// </summary>
[GenerateSerializer, Immutable, Alias("gog.RenderedRevision")]
public sealed record RenderedRevision
{
    /// <summary>The one that was asked for.</summary>
    [Id(0)] public Revision Revision { get; init; } = new();
    [Id(1)] public IReadOnlyList<PinnedSource> Sources { get; init; } = [];
    [Id(2)] public IReadOnlyList<ClusterSet> Sets { get; init; } = [];
    /// <summary>Of the destination, for objects that name none.</summary>
    [Id(3)] public string Namespace { get; init; } = "";
    /// <summary>Why there is nothing to look at; empty when there is.</summary>
    [Id(4)] public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>By cluster without a set, why.</summary>
    [Id(5)] public IReadOnlyDictionary<string, string> Missing { get; init; } = new Dictionary<string, string>();

    /// <summary>Null for one that waits to be asked for its version, or for which the render failed.</summary>
    public ClusterSet? SetOf(string cluster) => Sets.FirstOrDefault(set => set.Clusters.Count == 0 || set.Clusters.Contains(cluster));
}

/// <summary>The set of manifests that some clusters share.</summary>
[GenerateSerializer, Immutable, Alias("gog.ClusterSet")]
public sealed record ClusterSet
{
    /// <summary>Empty: all of the application's.</summary>
    [Id(0)] public IReadOnlyList<string> Clusters { get; init; } = [];
    [Id(1)] public Digest SetDigest { get; init; }
    /// <summary>What it was rendered with, to render it again.</summary>
    [Id(2)] public RenderScope Scope { get; init; } = new();
    [Id(3)] public string RenderKey { get; init; } = "";
}
