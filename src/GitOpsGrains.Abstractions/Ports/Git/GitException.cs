namespace GitOpsGrains.Abstractions.Ports.Git;

/// <summary>Why a Git operation failed, as far as the caller acts on it.</summary>
public enum GitErrorKind
{
    /// <summary>No connection, a name that does not resolve, a certificate or host key that is not trusted, or a server error.</summary>
    Unreachable,
    TimedOut,
    /// <summary>The server says that there is no such repository, or the caller may not see it.</summary>
    RepositoryNotFound,
    /// <summary>The server asks for credentials or refuses those given.</summary>
    AccessDenied,
    /// <summary>The repository has no commit.</summary>
    Empty,
    CommitNotFound,
    PathNotFound,
    /// <summary>A path with "..", an absolute one, or a symbolic link out of the tree.</summary>
    PathRefused,
    TooLarge,
    /// <summary>The server's answer or the mirror's data can't be read.</summary>
    Malformed,
    /// <summary>A URL scheme or option that is not allowed.</summary>
    NotAllowed,
    /// <summary>A secret that the repository refers to is not there or can't be used.</summary>
    SecretMissing,
    /// <summary>This machine's disk has no room for the mirror.</summary>
    DiskFull,
    /// <summary>A push that the server refuses, or to a branch that has moved.</summary>
    Rejected,
    /// <summary>The first digits of an id that several objects have.</summary>
    Ambiguous,
    /// <summary>A submodule that is needed can't be fetched, or may not be.</summary>
    Submodule,
}

/// <summary>A Git operation that failed. The message is for people and holds no credentials.</summary>
public sealed class GitException : Exception
{
    public GitException(GitErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    public GitErrorKind Kind { get; }

    /// <summary>How long the server asks to be left alone; null when it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
