using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Submodules;
using GitOpsGrains.Git.Transport;
using LibGit2Sharp;
using TreeEntry = GitOpsGrains.Abstractions.Ports.Git.TreeEntry;

namespace GitOpsGrains.Git.Reading;

/// <summary>Lists the files below a tree, within a limit that also holds for trees of nothing but trees.</summary>
internal static class TreeLister
{
    private const int MaxDepth = 128;

    public static IReadOnlyList<TreeEntry> List(Repository repository, string treeId, bool recurse, int maxEntries, SubmoduleTrees? submodules)
    {
        var root = (RefSyntax.IsObjectId(treeId) ? repository.Lookup<Tree>(treeId) : null)
            ?? throw new GitException(GitErrorKind.PathNotFound, "the mirror has no such tree");
        var files = new List<TreeEntry>();
        var left = maxEntries;
        Walk(root, "", 0, 0);
        files.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return files;

        void Walk(Tree tree, string prefix, int depth, int submoduleDepth)
        {
            if (depth > MaxDepth) throw new GitException(GitErrorKind.TooLarge, $"directories are nested deeper than {MaxDepth}");
            foreach (var entry in tree)
            {
                if (--left < 0) throw new GitException(GitErrorKind.TooLarge, $"the directory has more than {maxEntries} entries");
                var path = prefix + Checked(entry.Name);
                var kind = TreeEntries.KindOf(entry);
                if (kind == TreeEntryKind.Submodule && recurse && submodules is not null)
                    Walk(submodules.Enter(repository, path, entry.Target.Id, submoduleDepth + 1), path + "/", depth + 1, submoduleDepth + 1);
                else if (kind != TreeEntryKind.Tree)
                    files.Add(TreeEntries.Describe(repository, path, kind, entry.Target.Id));
                else if (recurse)
                    Walk(TreeEntries.Subtree(repository, entry), path + "/", depth + 1, submoduleDepth);
            }
        }
    }

    /// <summary>
    /// Git never writes such names; a tree made by hand to escape a directory may hold them. What is no UTF-8 comes with
    /// replacement characters, and two files could seem to be one.
    /// </summary>
    private static string Checked(string name) =>
        name.Contains('\ufffd', StringComparison.Ordinal)
            ? throw new GitException(GitErrorKind.PathRefused, $"a directory of the repository holds a file name that is not UTF-8: '{name}'")
        : name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0')
            ? throw new GitException(GitErrorKind.PathRefused, "a directory of the repository holds an impossible file name")
            : name;
}
