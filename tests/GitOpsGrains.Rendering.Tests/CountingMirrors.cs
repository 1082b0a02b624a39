using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Rendering.Tests;

/// <summary>Real mirrors, counting what a render reads.</summary>
internal sealed class CountingMirrors(IGitMirrors inner) : IGitMirrors
{
    public int BlobsRead { get; private set; }

    public int TreesListed { get; private set; }

    public Task<RefListing> ListRefsAsync(RepositoryAccess repository, IReadOnlyList<string> prefixes, CancellationToken cancellationToken) =>
        inner.ListRefsAsync(repository, prefixes, cancellationToken);

    public Task FetchAsync(RepositoryAccess repository, IReadOnlyList<GitRef> refs, CancellationToken cancellationToken) =>
        inner.FetchAsync(repository, refs, cancellationToken);

    public Task<bool> HasCommitAsync(RepositoryAccess repository, string commit, CancellationToken cancellationToken) =>
        inner.HasCommitAsync(repository, commit, cancellationToken);

    public Task<string?> FindCommitAsync(RepositoryAccess repository, string digits, CancellationToken cancellationToken) =>
        inner.FindCommitAsync(repository, digits, cancellationToken);

    public Task<IReadOnlyList<string>> ListCommitsAsync(
        RepositoryAccess repository, string commit, IReadOnlyList<string> known, int most, CancellationToken cancellationToken) =>
        inner.ListCommitsAsync(repository, commit, known, most, cancellationToken);

    public Task<bool> IsAncestorAsync(RepositoryAccess repository, string ancestor, string commit, CancellationToken cancellationToken) =>
        inner.IsAncestorAsync(repository, ancestor, commit, cancellationToken);

    public Task<CommitInfo> ReadCommitAsync(RepositoryAccess repository, string commit, CancellationToken cancellationToken) =>
        inner.ReadCommitAsync(repository, commit, cancellationToken);

    public Task<TreeEntry> ResolvePathAsync(RepositoryAccess repository, string commit, string path, CancellationToken cancellationToken) =>
        inner.ResolvePathAsync(repository, commit, path, cancellationToken);

    public Task LookAheadAsync(RepositoryAccess repository, string commit, IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        inner.LookAheadAsync(repository, commit, paths, cancellationToken);

    public Task<IReadOnlyList<TreeEntry>> ListFilesAsync(RepositoryAccess repository, string treeId, bool recurse, CancellationToken cancellationToken)
    {
        TreesListed++;
        return inner.ListFilesAsync(repository, treeId, recurse, cancellationToken);
    }

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadBlobsAsync(
        RepositoryAccess repository, IReadOnlyList<string> blobIds, long maxBytes, CancellationToken cancellationToken)
    {
        BlobsRead += blobIds.Count;
        return inner.ReadBlobsAsync(repository, blobIds, maxBytes, cancellationToken);
    }

    public Task RemoveAsync(string repositoryName, CancellationToken cancellationToken) => inner.RemoveAsync(repositoryName, cancellationToken);
}
