using LibGit2Sharp;

namespace GitOpsGrains.Git.Reading;

/// <summary>
/// Walks history once for any number of paths: each goes on to the first parent that has the same of it, and belongs to the
/// commit whose parents all have something else (the history simplification of <c>git log -- PATH</c>).
/// </summary>
internal static class LastChanges
{
    public static IReadOnlyDictionary<string, Commit> Find(
        Repository repository, Commit tip, IReadOnlyList<string> paths, int maxCommits, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Commit>(StringComparer.Ordinal);
        var pending = new Dictionary<ObjectId, HashSet<string>>();
        var order = new PriorityQueue<Commit, long>();
        Add(tip, PathTrie.Of(paths).Present(repository, tip.Tree));
        for (var walked = 0; walked < maxCommits && order.TryDequeue(out var commit, out _); walked++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!pending.Remove(commit.Id, out var here)) continue;
            foreach (var parent in commit.Parents)
            {
                if (here.Count == 0) break;
                var differing = PathTrie.Of(here).Differing(repository, commit.Tree, parent.Tree).ToHashSet(StringComparer.Ordinal);
                Add(parent, here.Where(path => !differing.Contains(path)));
                here = differing;
            }
            foreach (var path in here) found[path] = commit;
        }
        return found;

        void Add(Commit commit, IEnumerable<string> more)
        {
            var set = more.ToHashSet(StringComparer.Ordinal);
            if (set.Count == 0) return;
            if (pending.TryGetValue(commit.Id, out var known))
            {
                known.UnionWith(set);
                return;
            }
            pending[commit.Id] = set;
            // The newest first, so that a commit is looked at once, with all that its children hand on.
            order.Enqueue(commit, -commit.Committer.When.ToUnixTimeSeconds());
        }
    }
}
