using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>
/// A source at a commit, rendered to be looked at and not to be applied: nobody has subscribed to it. The objects travel by
/// the manifest library.
/// </summary>
[GenerateSerializer, Immutable, Alias("gog.RenderedRevision")]
public sealed record RenderedRevision
{
    [Id(0)] public Revision Revision { get; init; } = new();
    [Id(1)] public SourceSpec Source { get; init; } = new();
    [Id(2)] public Digest SetDigest { get; init; }
    /// <summary>Of the destination, for objects that name none.</summary>
    [Id(3)] public string Namespace { get; init; } = "";
    /// <summary>Why there is nothing to look at; empty when there is.</summary>
    [Id(4)] public IReadOnlyList<Condition> Conditions { get; init; } = [];
    [Id(5)] public RenderScope Scope { get; init; } = new();
}
