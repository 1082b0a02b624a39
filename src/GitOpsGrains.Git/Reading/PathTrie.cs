using LibGit2Sharp;

namespace GitOpsGrains.Git.Reading;

/// <summary>Many paths as one tree, so that what they share is looked up once.</summary>
internal sealed class PathTrie
{
    private readonly Dictionary<string, PathTrie> _children = new(StringComparer.Ordinal);

    private string? _path;

    public static PathTrie Of(IEnumerable<string> paths)
    {
        var root = new PathTrie();
        foreach (var path in paths)
        {
            var node = root;
            foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!node._children.TryGetValue(segment, out var child)) node._children[segment] = child = new PathTrie();
                node = child;
            }
            node._path = path;
        }
        return root;
    }

    /// <summary>The paths that the tree has.</summary>
    public IReadOnlyList<string> Present(Repository repository, Tree tree)
    {
        var present = new List<string>();
        if (_path is not null) present.Add(_path);
        Collect(repository, tree, null, present);
        return present;
    }

    /// <summary>The paths that are in <paramref name="tree"/> and not the same in <paramref name="other"/>.</summary>
    public IReadOnlyList<string> Differing(Repository repository, Tree tree, Tree? other)
    {
        var differing = new List<string>();
        if (tree.Id == other?.Id) return differing;
        if (_path is not null) differing.Add(_path);
        Collect(repository, tree, other, differing);
        return differing;
    }

    private void Collect(Repository repository, Tree tree, Tree? other, List<string> found)
    {
        foreach (var (name, child) in _children)
        {
            if (tree[name] is not { } entry) continue;
            var same = other?[name];
            if (same is not null && same.Target.Id == entry.Target.Id && same.Mode == entry.Mode) continue;
            if (child._path is not null) found.Add(child._path);
            // A submodule changes as a whole.
            if (entry.Mode == Mode.GitLink) child.CollectAll(found);
            else if (child._children.Count > 0 && entry.Mode == Mode.Directory)
                child.Collect(repository, TreeEntries.Subtree(repository, entry), same is { Mode: Mode.Directory } ? TreeEntries.Subtree(repository, same) : null, found);
        }
    }

    private void CollectAll(List<string> found)
    {
        foreach (var child in _children.Values)
        {
            if (child._path is not null) found.Add(child._path);
            child.CollectAll(found);
        }
    }
}
