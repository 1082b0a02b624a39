using GitOpsGrains.Abstractions.Ports.Git;
using LibGit2Sharp;
using NativeEntry = LibGit2Sharp.TreeEntry;

namespace GitOpsGrains.Git.Reading;

/// <summary>Finds what differs between two trees, looking only into trees that differ.</summary>
internal sealed class TreeComparer(Repository repository, int limit)
{
    private const int MaxDepth = 128;

    private readonly List<TreeChange> _changes = [];

    /// <summary>Null when more differs than the limit, or it can't be told what differs.</summary>
    public static IReadOnlyList<TreeChange>? Compare(Repository repository, Tree from, Tree to, int limit)
    {
        if (from.Id == to.Id) return [];
        var comparer = new TreeComparer(repository, limit);
        comparer._changes.Add(new TreeChange("", true, from.Sha, to.Sha));
        return comparer.Walk(from, to, "", 0) ? comparer._changes : null;
    }

    private bool Walk(Tree? from, Tree? to, string prefix, int depth)
    {
        if (depth > MaxDepth) return false;
        var before = new Dictionary<string, NativeEntry>(StringComparer.Ordinal);
        // Names that are not UTF-8 may read the same: then nobody can tell which of them changed.
        foreach (var entry in from ?? Enumerable.Empty<NativeEntry>())
            if (!before.TryAdd(entry.Name, entry)) return false;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var after in to ?? Enumerable.Empty<NativeEntry>())
            if (!names.Add(after.Name) || !Note(before.Remove(after.Name, out var old) ? old : null, after, prefix, depth))
                return false;
        return before.Values.All(gone => Note(gone, null, prefix, depth));
    }

    private bool Note(NativeEntry? before, NativeEntry? after, string prefix, int depth)
    {
        if (before is not null && after is not null && before.Target.Id == after.Target.Id && before.Mode == after.Mode) return true;
        if (_changes.Count >= limit) return false;
        var (wasTree, isTree) = (before?.Mode == Mode.Directory, after?.Mode == Mode.Directory);
        var path = prefix + (after ?? before!).Name;
        _changes.Add(new TreeChange(path, wasTree || isTree, before?.Target.Sha ?? "", after?.Target.Sha ?? ""));
        // A file that became a directory is both: the file that went, and the files that came.
        if (wasTree != isTree && before is not null && after is not null)
            _changes.Add(new TreeChange(path, false, wasTree ? "" : before.Target.Sha, isTree ? "" : after.Target.Sha));
        if (!wasTree && !isTree) return true;
        return Walk(wasTree ? TreeEntries.Subtree(repository, before!) : null, isTree ? TreeEntries.Subtree(repository, after!) : null, path + "/", depth + 1);
    }
}
