using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Reading;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Writing;

/// <summary>Makes a commit in which paths are as they were at another one.</summary>
internal static class RestoreWriter
{
    public static string Write(Repository repository, RestoreDraft draft)
    {
        var parent = CommitReader.Find(repository, draft.Parent);
        var from = CommitReader.Find(repository, draft.From);
        var tree = TreeDefinition.From(parent.Tree);
        foreach (var path in draft.Paths)
        {
            if (path.Length == 0 || path.Split('/').Any(segment => segment is "" or "." or ".." or ".git"))
                throw new GitException(GitErrorKind.PathRefused, "a path to restore is none of a file or directory below the root");
            if (from.Tree[path] is { } entry) tree.Add(path, entry);
            else tree.Remove(path);
        }
        var author = new Signature(draft.AuthorName, draft.AuthorEmail, draft.Time);
        return repository.ObjectDatabase.CreateCommit(author, author, draft.Message, repository.ObjectDatabase.CreateTree(tree), [parent], prettifyMessage: true).Sha;
    }
}
