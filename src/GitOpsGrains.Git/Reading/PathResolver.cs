using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Submodules;
using LibGit2Sharp;
using TreeEntry = GitOpsGrains.Abstractions.Ports.Git.TreeEntry;

namespace GitOpsGrains.Git.Reading;

/// <summary>Finds what a path is, following symbolic links as a checkout would, but never out of the tree.</summary>
internal sealed class PathResolver(WideTrees wide)
{
    private const int MaxLinks = 40;
    private const int MaxPathLength = 4096;

    /// <returns>The entry with the path it was found at, after all links.</returns>
    public TreeEntry Resolve(Repository repository, Commit commit, string path) => Resolve(repository, commit, path, null);

    /// <param name="walk">Leads through submodules; null does not. One that is not there yet ends the way, and the walk knows it.</param>
    public TreeEntry Resolve(Repository repository, Commit commit, string path, SubmoduleWalk? walk)
    {
        var open = new Stack<string>();
        Push(open, path, CheckedRequest(path));
        var trees = new List<(string Name, ObjectId Tree)> { ("", commit.Tree.Id) };
        walk?.Start(commit.Tree.Id);
        var links = 0;
        while (open.TryPop(out var segment))
        {
            if (segment == "..")
            {
                if (trees.Count == 1) throw Refused(path, "a symbolic link on it leaves the repository");
                trees.RemoveAt(trees.Count - 1);
                walk?.Leave(trees.Count - 1);
                continue;
            }
            var entry = wide.Find(repository, trees[^1].Tree, segment) ?? throw new GitException(GitErrorKind.PathNotFound, $"the commit has no '{path}'");
            var kind = TreeEntries.KindOf(entry.Mode);
            if (kind == TreeEntryKind.SymbolicLink)
            {
                if (++links > MaxLinks) throw Refused(path, "it follows too many symbolic links");
                Push(open, path, LinkTarget(repository, entry.Id, path));
            }
            else if (kind == TreeEntryKind.Tree)
            {
                trees.Add((segment, entry.Id));
            }
            else if (kind == TreeEntryKind.Submodule && walk is not null)
            {
                if (walk.Enter(repository, At(trees, segment), trees.Count, entry.Id) is not { } inner) return new TreeEntry(At(trees, segment), kind, entry.Id.Sha, 0);
                trees.Add((segment, inner));
            }
            else
            {
                if (open.Count > 0 && kind == TreeEntryKind.Submodule) throw Refused(path, $"'{segment}' is a submodule, which is not fetched; submodules.fetch of the repository asks for it");
                if (open.Count > 0) throw new GitException(GitErrorKind.PathNotFound, $"the commit has no '{path}': '{segment}' is no directory");
                return TreeEntries.Describe(repository, At(trees, segment), kind, entry.Id);
            }
        }
        return new TreeEntry(At(trees, null), TreeEntryKind.Tree, trees[^1].Tree.Sha, 0);
    }

    private static string CheckedRequest(string path)
    {
        if (path.Split('/').Contains("..")) throw Refused(path, "it holds '..'");
        return path;
    }

    private static string LinkTarget(Repository repository, ObjectId id, string path)
    {
        if (BlobReader.Size(repository, id) > MaxPathLength) throw Refused(path, "a symbolic link on it is too long");
        return Encoding.UTF8.GetString(BlobReader.Read(repository, id.Sha, MaxPathLength));
    }

    private static void Push(Stack<string> open, string path, string next)
    {
        if (next.StartsWith('/')) throw Refused(path, "it is absolute, or a symbolic link on it is");
        if (next.Length > MaxPathLength || next.AsSpan().ContainsAny('\\', '\0')) throw Refused(path, "it is too long or holds a backslash");
        foreach (var segment in next.Split('/').Reverse())
            if (segment is not ("" or "."))
                open.Push(segment);
    }

    private static string At(List<(string Name, ObjectId Tree)> trees, string? last) =>
        string.Join('/', trees.Skip(1).Select(item => item.Name).Concat(last is null ? [] : [last]));

    private static GitException Refused(string path, string why) =>
        new(GitErrorKind.PathRefused, $"the path '{(path.Length > 200 ? path[..200] + "…" : path)}' is refused: {why}");
}
