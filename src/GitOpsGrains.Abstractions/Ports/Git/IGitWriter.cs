namespace GitOpsGrains.Abstractions.Ports.Git;

/// <summary>
/// The only way in which this product changes a repository: commits that restore paths as they were, pushed fast-forward.
/// Errors: <see cref="GitException"/> (and <see cref="OperationCanceledException"/>).
/// </summary>
public interface IGitWriter
{
    /// <summary>Makes the commit in the mirror and returns its id; nothing is sent. The same draft gives the same commit.</summary>
    Task<string> WriteAsync(RepositoryAccess repository, RestoreDraft draft, CancellationToken cancellationToken);

    /// <summary>
    /// Sends the commit, and makes it the tip of a branch that is at <paramref name="expected"/> on the server (null: there is
    /// no such branch yet). Errors: <see cref="GitErrorKind.Rejected"/> when the server refuses, or the branch has moved.
    /// </summary>
    /// <param name="branch">Full name: refs/heads/….</param>
    Task PushAsync(RepositoryAccess repository, string branch, string? expected, string commit, CancellationToken cancellationToken);
}

/// <summary>A commit on top of <paramref name="Parent"/> in which the paths are as they were at <paramref name="From"/>.</summary>
/// <param name="Paths">Files or directories; one that was not there then is removed.</param>
public sealed record RestoreDraft(string Parent, string From, IReadOnlyList<string> Paths, string Message, string AuthorName, string AuthorEmail, DateTimeOffset Time);
