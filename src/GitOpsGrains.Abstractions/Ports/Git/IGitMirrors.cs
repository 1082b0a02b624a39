using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Ports.Git;

/// <summary>
/// Bare mirrors of Git repositories on this machine, and what their servers say. Every call runs off the caller's
/// thread on a bounded executor and ends within <see cref="RepositoryAccess.Timeout"/>.
/// Errors: <see cref="GitException"/> only (and <see cref="OperationCanceledException"/>).
/// </summary>
public interface IGitMirrors
{
    /// <summary>Asks the server for its refs (ls-remote), only those under the given prefixes ("HEAD", "refs/heads/main"); an empty list asks for all.</summary>
    Task<RefListing> ListRefsAsync(RepositoryAccess repository, IReadOnlyList<string> prefixes, CancellationToken cancellationToken);

    /// <summary>Brings the given refs, or commits whose names are their ids, into the mirror, making it if there is none. Commits that are there already cost no request.</summary>
    Task FetchAsync(RepositoryAccess repository, IReadOnlyList<GitRef> refs, CancellationToken cancellationToken);

    /// <summary>Whether the mirror has the commit, without asking the server.</summary>
    Task<bool> HasCommitAsync(RepositoryAccess repository, string commit, CancellationToken cancellationToken);

    /// <summary>
    /// The id of the commit in the mirror that begins with these hexadecimal digits (7 or more), without asking the server;
    /// null when there is none. Errors: <see cref="GitErrorKind.Ambiguous"/>.
    /// </summary>
    Task<string?> FindCommitAsync(RepositoryAccess repository, string digits, CancellationToken cancellationToken);

    /// <summary>Whether <paramref name="ancestor"/> is reachable from <paramref name="commit"/>; false tells a rewritten history.</summary>
    Task<bool> IsAncestorAsync(RepositoryAccess repository, string ancestor, string commit, CancellationToken cancellationToken);

    /// <summary>
    /// The commits that are reachable from one and from none of the known ones (those that are not in the mirror count for
    /// nothing), newest first; at most <paramref name="most"/> and one more, which tells that there are more.
    /// </summary>
    Task<IReadOnlyList<string>> ListCommitsAsync(RepositoryAccess repository, string commit, IReadOnlyList<string> known, int most, CancellationToken cancellationToken);

    Task<CommitInfo> ReadCommitAsync(RepositoryAccess repository, string commit, CancellationToken cancellationToken);

    /// <summary>
    /// What a path ("" or "." is the root; '/' separated; no "..", not absolute) is at a commit. Symbolic links inside the
    /// tree are followed; one that leaves it is refused. Submodules that are to be read (<see cref="RepositoryAccess.Submodules"/>)
    /// are directories: those on the path and below it are fetched first, when their commits are not in the mirror; one below
    /// that can't be had is an error only for who lists it.
    /// Errors: <see cref="GitErrorKind.PathNotFound"/>, <see cref="GitErrorKind.PathRefused"/>.
    /// </summary>
    Task<TreeEntry> ResolvePathAsync(RepositoryAccess repository, string commit, string path, CancellationToken cancellationToken);

    /// <summary>
    /// Reads ahead, in few turns, what is about to be asked for path by path: what each is at the commit, whether links are on the
    /// way (<see cref="IGitHistory.AnyIsLinkedAsync"/>), and the files of small directories. What can't be read is left to who asks for it.
    /// </summary>
    Task LookAheadAsync(RepositoryAccess repository, string commit, IReadOnlyList<string> paths, CancellationToken cancellationToken);

    /// <summary>The files below a tree that <see cref="ResolvePathAsync"/> found, in ordinal order of their paths relative to it; directories are walked when <paramref name="recurse"/> is set.</summary>
    Task<IReadOnlyList<TreeEntry>> ListFilesAsync(RepositoryAccess repository, string treeId, bool recurse, CancellationToken cancellationToken);

    /// <summary>The contents of blobs in the order asked. Errors: <see cref="GitErrorKind.TooLarge"/> when one exceeds <paramref name="maxBytes"/>.</summary>
    Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadBlobsAsync(RepositoryAccess repository, IReadOnlyList<string> blobIds, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Deletes the mirror's files.</summary>
    Task RemoveAsync(string repositoryName, CancellationToken cancellationToken);
}

/// <summary>
/// How to reach a repository. <see cref="Url"/> is https, http, ssh (also as <c>user@host:path</c>) or file, and never holds a
/// password. What it does not say itself is taken from the RepositoryCredentials of the longest prefix. Holds references,
/// never secrets.
/// </summary>
public sealed record RepositoryAccess(string Name, string Url, TimeSpan Timeout)
{
    public CredentialsSpec? Credentials { get; init; }

    /// <summary>The authorities, PEM, that vouch for the server; null for those of the machine.</summary>
    public SecretReference? CaFrom { get; init; }

    public ProxySpec? Proxy { get; init; }

    /// <summary>
    /// Commits are fetched without their history, into a mirror of their own. What asks for history is refused then
    /// (<see cref="GitErrorKind.NotAllowed"/>); trees of fetched commits can be read and compared as ever.
    /// </summary>
    public bool Shallow { get; init; }

    /// <summary>Null: submodules are not read.</summary>
    public SubmodulesSpec? Submodules { get; init; }

    /// <summary>Whether paths lead through submodules, so that the same tree holds more.</summary>
    public bool ReadsSubmodules => Submodules is { Fetch: true };

    /// <summary>As a Repository document says.</summary>
    public static RepositoryAccess Of(string name, RepositorySpec spec, TimeSpan timeout) =>
        new(name, spec.Url, timeout) { Credentials = spec.Credentials, CaFrom = spec.CaFrom, Proxy = spec.Proxy, Shallow = spec.Shallow, Submodules = spec.Submodules };
}

/// <summary>A ref's full name ("refs/heads/main", "HEAD") and the id of the commit it points to (annotated tags peeled).</summary>
/// <param name="Tag">Id of the annotated tag itself: a fetch brings it too when it is set. Null for everything else.</param>
public sealed record GitRef(string Name, string Commit, string? Tag = null);

/// <summary>The refs that a server has; <see cref="DefaultBranch"/> is what HEAD points to ("refs/heads/main"), when the server says it.</summary>
public sealed record RefListing(IReadOnlyList<GitRef> Refs, string? DefaultBranch);

/// <summary>Who made a commit, when and why. <see cref="Message"/> is cut at 4096 characters.</summary>
public sealed record CommitInfo(string Id, string TreeId, string AuthorName, string AuthorEmail, DateTimeOffset Time, string Message);

/// <summary>The closed set of what a path can be.</summary>
public enum TreeEntryKind
{
    Tree,
    Blob,
    SymbolicLink,
    Submodule,
}

/// <summary>One entry: '/' separated path, object id (40 or 64 hexadecimal digits) and, for blobs, the size in bytes.</summary>
public sealed record TreeEntry(string Path, TreeEntryKind Kind, string Id, long Size);
