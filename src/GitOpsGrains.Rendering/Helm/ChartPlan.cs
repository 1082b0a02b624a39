namespace GitOpsGrains.Rendering.Helm;

/// <summary>What the files of a chart's closure are for.</summary>
/// <param name="Directory">The chart's, from the repository's root, as the source names it.</param>
/// <param name="ValueFiles">In the order of their effect.</param>
/// <param name="Remote">Dependencies that are not in the repository, each with an exact version.</param>
/// <param name="HasArchives">There are packed charts among its files.</param>
internal sealed record ChartPlan(
    string Directory, IReadOnlyList<NamedFile> ValueFiles, IReadOnlyList<NamedFile> FileParameters, IReadOnlyList<ChartDependency> Remote, bool HasArchives);

/// <param name="Name">Of the parameter; "" for a values file.</param>
/// <param name="Reference">The ref of another source, or "".</param>
internal sealed record NamedFile(string Name, string Reference, string Path);

/// <summary>One entry of a chart's dependencies.</summary>
internal sealed record ChartDependency(string Name, string Version, string Repository);
