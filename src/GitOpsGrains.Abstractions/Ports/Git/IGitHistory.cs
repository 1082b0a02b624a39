namespace GitOpsGrains.Abstractions.Ports.Git;

/// <summary>
/// What changed between commits, read from the mirror alone. Errors: <see cref="GitException"/> (and
/// <see cref="OperationCanceledException"/>).
/// </summary>
public interface IGitHistory
{
    /// <summary>
    /// Every path whose entry differs between two commits, directories too (the root is ""), found by walking only trees that
    /// differ. Null when there are more than <paramref name="limit"/>.
    /// </summary>
    Task<IReadOnlyList<TreeChange>?> CompareAsync(RepositoryAccess repository, string from, string to, int limit, CancellationToken cancellationToken);

    /// <summary>Whether a symbolic link or a submodule is one of the paths at the commit, or on the way to one: such a path changes without an entry of its own changing.</summary>
    Task<bool> AnyIsLinkedAsync(RepositoryAccess repository, string commit, IReadOnlyList<string> paths, CancellationToken cancellationToken);

    /// <summary>
    /// For each path ('/' separated; "" is the root) the commit that last made it what it is at <paramref name="commit"/>, as
    /// <c>git log -1 -- PATH</c> would name it: along the parents that it came from unchanged. Paths that are not there, and those
    /// whose commit is more than <paramref name="maxCommits"/> commits back, are missing in the answer.
    /// </summary>
    Task<IReadOnlyDictionary<string, CommitInfo>> LastChangesAsync(
        RepositoryAccess repository, string commit, IReadOnlyList<string> paths, int maxCommits, CancellationToken cancellationToken);
}

/// <summary>One path that differs: "" stands for an id where there is no such entry.</summary>
/// <param name="IsDirectory">On both sides, or on the one where it is.</param>
public sealed record TreeChange(string Path, bool IsDirectory, string FromId, string ToId);
