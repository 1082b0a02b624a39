using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Reading;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>What changed between commits.</summary>
internal sealed partial class GitMirrors
{
    public Task<IReadOnlyList<TreeChange>?> CompareAsync(RepositoryAccess repository, string from, string to, int limit, CancellationToken cancellationToken) =>
        ReadAsync(repository, opened => TreeComparer.Compare(opened, CommitReader.Find(opened, from).Tree, CommitReader.Find(opened, to).Tree, limit), cancellationToken);

    public Task<bool> AnyIsLinkedAsync(RepositoryAccess repository, string commit, IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        recent.FindLinked(folders.For(repository).Folder, commit, paths) is { } known ? Task.FromResult(known)
            : ReadAsync(repository, opened => links.AnyIsLinked(opened, CommitReader.Find(opened, commit).Tree.Id, paths), cancellationToken);

    public Task<IReadOnlyDictionary<string, CommitInfo>> LastChangesAsync(
        RepositoryAccess repository, string commit, IReadOnlyList<string> paths, int maxCommits, CancellationToken cancellationToken) =>
        ReadHistoryAsync<IReadOnlyDictionary<string, CommitInfo>>(repository, opened =>
        {
            var described = new Dictionary<string, CommitInfo>(StringComparer.Ordinal);
            return LastChanges.Find(opened, CommitReader.Find(opened, commit), paths, maxCommits, cancellationToken).ToDictionary(
                found => found.Key,
                found => described.TryGetValue(found.Value.Sha, out var known) ? known : described[found.Value.Sha] = CommitReader.Read(opened, found.Value.Sha),
                StringComparer.Ordinal);
        }, cancellationToken);
}
