using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Rendering.Directory;

/// <summary>Decides which files of a tree belong to a directory source. Pure.</summary>
internal sealed class FileSelection
{
    private readonly Glob? _include;
    private readonly Glob? _exclude;

    private FileSelection(Glob? include, Glob? exclude)
    {
        _include = include;
        _exclude = exclude;
    }

    public static (FileSelection? Selection, IReadOnlyList<ManifestFault> Faults) Parse(DirectorySpec spec)
    {
        var faults = new List<ManifestFault>();
        var selection = new FileSelection(Compile("include", spec.Include, faults), Compile("exclude", spec.Exclude, faults));
        return faults.Count == 0 ? (selection, faults) : (null, faults);
    }

    public bool Takes(TreeEntry entry) =>
        entry.Kind is TreeEntryKind.Blob or TreeEntryKind.SymbolicLink
        && SourceFile.IsManifest(entry.Path)
        && _exclude?.IsMatch(entry.Path) is not true
        && _include?.IsMatch(entry.Path) is not false;

    /// <summary>What is wrong with the files themselves, before one is read.</summary>
    public static IEnumerable<ManifestFault> Check(IReadOnlyList<SourceFile> files, RenderLimits limits)
    {
        foreach (var file in files)
        {
            if (file.IsKustomization)
                yield return new ManifestFault(file.Path, null, null, "a kustomization.yaml is not applied by a plain directory source: set kustomize, or exclude it");
            else if (file.Size > limits.MaxFileBytes)
                yield return new ManifestFault(file.Path, null, null, $"the file has {file.Size} bytes, more than the {limits.MaxFileBytes} that one file may have");
        }
        var total = files.Sum(file => file.Size);
        if (total > limits.MaxTotalBytes)
            yield return new ManifestFault(".", null, null, $"the {files.Count} files have {total} bytes together, more than the {limits.MaxTotalBytes} that one source may have");
    }

    private static Glob? Compile(string option, string pattern, List<ManifestFault> faults)
    {
        if (pattern.Length == 0) return null;
        var (glob, fault) = Glob.Parse(pattern);
        if (fault is not null) faults.Add(new ManifestFault(".", null, null, $"directory.{option} is no pattern: {fault}"));
        return glob;
    }
}
