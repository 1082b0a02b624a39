using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Helm;

namespace GitOpsGrains.Rendering.Closures;

/// <summary>All files that a render needs, or at least one fault that says why it can't be rendered.</summary>
/// <param name="Outside">What was read elsewhere than below the source's own path: to be looked at again at another commit.</param>
/// <param name="Root">The directory that is rendered, from the repository's root, after symbolic links.</param>
/// <param name="Chart">What a chart's files are for; null for a kustomization.</param>
internal sealed record Closure(
    ReadSet ReadSet,
    IReadOnlyList<ClosureFile> Files,
    IReadOnlyList<ClosureLink> Links,
    IReadOnlyList<ManifestFault> Faults,
    IReadOnlyList<OutsideRead> Outside,
    string Root,
    ChartPlan? Chart);

/// <summary>A blob and where it is written.</summary>
/// <param name="Reference">The ref of the other source that it is from; "" for the source's own repository.</param>
/// <param name="Path">From that repository's root.</param>
internal sealed record ClosureFile(string Reference, string Path, string BlobId, long Size);

/// <summary>A symbolic link inside the repository: both paths from its root.</summary>
internal sealed record ClosureLink(string Path, string Target);

/// <inheritdoc cref="Closure"/>
internal sealed record OutsideRead(string Reference, string Path, string ObjectId);

/// <summary>A tree or blob that a path led to.</summary>
/// <param name="Path">After symbolic links.</param>
internal sealed record Found(string Reference, string Path, TreeEntryKind Kind, string Id, long Size);
