using GitOpsGrains.Abstractions.Ports.Git;
using LibGit2Sharp;
using NativeEntry = LibGit2Sharp.TreeEntry;
using TreeEntry = GitOpsGrains.Abstractions.Ports.Git.TreeEntry;

namespace GitOpsGrains.Git.Reading;

/// <summary>libgit2's tree entries in the port's words.</summary>
internal static class TreeEntries
{
    public static TreeEntryKind KindOf(NativeEntry entry) => KindOf(entry.Mode);

    public static TreeEntryKind KindOf(Mode mode) => mode switch
    {
        Mode.Directory => TreeEntryKind.Tree,
        Mode.SymbolicLink => TreeEntryKind.SymbolicLink,
        Mode.GitLink => TreeEntryKind.Submodule,
        _ => TreeEntryKind.Blob,
    };

    public static TreeEntry Describe(Repository repository, string path, TreeEntryKind kind, ObjectId id) =>
        new(path, kind, id.Sha, kind is TreeEntryKind.Blob or TreeEntryKind.SymbolicLink ? BlobReader.Size(repository, id) : 0);

    public static Tree Subtree(Repository repository, NativeEntry entry) => Read(repository, entry.Target.Id);

    public static Tree Read(Repository repository, ObjectId id) =>
        repository.Lookup<Tree>(id) ?? throw new GitException(GitErrorKind.Malformed, $"the mirror lacks the tree {id.Sha}");
}
