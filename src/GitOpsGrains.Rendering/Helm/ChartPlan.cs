using GitOpsGrains.Rendering.Closures;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>What the files of a chart's closure are for.</summary>
/// <param name="Directory">The chart's, from the repository's root, as the source names it.</param>
/// <param name="ValueFiles">In the order of their effect.</param>
/// <param name="Remote">Dependencies that are not in the repository, each with an exact version.</param>
/// <param name="HasArchives">There are packed charts among its files.</param>
internal sealed record ChartPlan(
    string Directory, IReadOnlyList<NamedFile> ValueFiles, IReadOnlyList<NamedFile> FileParameters, IReadOnlyList<ChartDependency> Remote, bool HasArchives)
{
    private static readonly string[] Folders = ["templates/", "crds/", "charts/", "files/"];
    private static readonly string[] OwnFiles = [ChartFile.Name, ChartFile.Requirements, ChartLock.Name, ChartLock.OldName, "values.yaml", "values.schema.json"];

    /// <summary>Whether a file of the closure has part in what is rendered: a chart's directory may hold pictures as well.</summary>
    public bool IsRendered(ClosureFile file)
    {
        if (ValueFiles.Concat(FileParameters).Any(named => (named.Reference, named.Path) == (file.Reference, file.Path))) return true;
        var start = Directory.Length == 0 ? "" : Directory + "/";
        if (file.Reference.Length > 0 || !file.Path.StartsWith(start, StringComparison.Ordinal)) return false;
        var path = file.Path[start.Length..];
        return Array.Exists(OwnFiles, own => own == path) || Array.Exists(Folders, folder => path.StartsWith(folder, StringComparison.Ordinal));
    }
}

/// <param name="Name">Of the parameter; "" for a values file.</param>
/// <param name="Reference">The ref of another source, or "".</param>
internal sealed record NamedFile(string Name, string Reference, string Path);

/// <summary>One entry of a chart's dependencies.</summary>
internal sealed record ChartDependency(string Name, string Version, string Repository);
