using LibGit2Sharp;

namespace GitOpsGrains.Git.Reading;

/// <summary>Whether a path, or a directory on the way to it, is a symbolic link: then it changes without an entry of its own changing.</summary>
internal static class PathLinks
{
    public static bool AnyIsLinked(Tree root, Repository repository, IEnumerable<string> paths) => paths.Any(path => IsLinked(root, repository, path));

    private static bool IsLinked(Tree root, Repository repository, string path)
    {
        var tree = root;
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == ".") continue;
            if (tree[segment] is not { } entry) return false;
            if (entry.Mode == Mode.SymbolicLink) return true;
            if (entry.Mode != Mode.Directory) return false;
            tree = TreeEntries.Subtree(repository, entry);
        }
        return false;
    }
}
