using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Rendering.Kustomize;

namespace GitOpsGrains.Rendering;

internal enum SourceKind
{
    Directory,
    Helm,
    Kustomize,
}

/// <summary>Which kind of source a tree is, by the names in it; asked once for each tree.</summary>
internal sealed class SourceKinds(IGitMirrors mirrors)
{
    private const int MaxKnown = 100_000;
    private readonly ConcurrentDictionary<string, SourceKind> _known = new(StringComparer.Ordinal);

    public async Task<SourceKind> OfAsync(RepositoryAccess repository, TreeEntry tree, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(tree.Id, out var kind)) return kind;
        var files = await mirrors.ListFilesAsync(repository, tree.Id, false, cancellationToken);
        var names = files.Where(file => file.Kind is TreeEntryKind.Blob or TreeEntryKind.SymbolicLink).Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        kind = names.Contains("Chart.yaml") ? SourceKind.Helm
            : Array.Exists(KustomizationFile.Names, names.Contains) ? SourceKind.Kustomize
            : SourceKind.Directory;
        // An id is a few bytes; where there are that many trees, asking again costs little.
        if (_known.Count >= MaxKnown) _known.Clear();
        _known[tree.Id] = kind;
        return kind;
    }
}
