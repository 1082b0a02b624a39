using LibGit2Sharp;

namespace GitOpsGrains.Git.Reading;

/// <summary>Whether a path, or a directory on the way to it, is a symbolic link or a submodule: then it changes without an entry of its own changing.</summary>
internal sealed class PathLinks(WideTrees wide)
{
    public bool AnyIsLinked(Repository repository, ObjectId root, IEnumerable<string> paths) => paths.Any(path => IsLinked(repository, root, path));

    private bool IsLinked(Repository repository, ObjectId root, string path)
    {
        var tree = root;
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == ".") continue;
            if (wide.Find(repository, tree, segment) is not { } entry) return false;
            if (entry.Mode is Mode.SymbolicLink or Mode.GitLink) return true;
            if (entry.Mode != Mode.Directory) return false;
            tree = entry.Id;
        }
        return false;
    }
}
