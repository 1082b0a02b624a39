using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Reading;
using GitOpsGrains.Git.Submodules;
using LibGit2Sharp;
using TreeEntry = GitOpsGrains.Abstractions.Ports.Git.TreeEntry;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>
/// Submodules are read as directories. Their objects come into the mirror of the repository that has them, where their ids say
/// all that there is to say; what is missing is fetched when a path needs it.
/// </summary>
internal sealed partial class GitMirrors
{
    private const int MaxFetches = 64;
    private static readonly TimeSpan SubmoduleTimeout = TimeSpan.FromSeconds(15);

    public Task<TreeEntry> ResolvePathAsync(RepositoryAccess repository, string commit, string path, CancellationToken cancellationToken)
    {
        var mirror = folders.For(repository);
        if (!repository.ReadsSubmodules)
        {
            return recent.FindPath(mirror.Folder, commit, path) is { } known ? Task.FromResult(known)
                : ReadAsync(repository, opened => recent.KeepPath(mirror.Folder, commit, path, paths.Resolve(opened, CommitReader.Find(opened, commit), path)), cancellationToken);
        }
        return WithinAsync(repository.Name, repository.Timeout, async token =>
        {
            for (var fetched = 0; ; fetched++)
            {
                var (entry, missing) = await executors.Reading.RunAsync(() => Read(mirror, opened => Resolve(opened, mirror, repository, commit, path)), token);
                if (missing is null) return entry;
                if (fetched == MaxFetches) throw new GitException(GitErrorKind.Submodule, $"'{path}' needs more than {MaxFetches} submodules");
                await FetchAsync(mirror, repository, missing, token);
            }
        }, cancellationToken);
    }

    public Task<IReadOnlyList<TreeEntry>> ListFilesAsync(RepositoryAccess repository, string treeId, bool recurse, CancellationToken cancellationToken)
    {
        var folder = folders.For(repository).Folder;
        if (!repository.ReadsSubmodules && recent.FindFiles(folder, treeId, recurse) is { } known) return Task.FromResult(known);
        var inner = repository.ReadsSubmodules ? new SubmoduleTrees(folder, submoduleFailures) : null;
        return ReadAsync(repository, opened => TreeLister.List(opened, treeId, recurse, options.Value.MaxTreeEntries, inner), cancellationToken);
    }

    private (TreeEntry Entry, MissingSubmodule? Missing) Resolve(Repository opened, Mirror mirror, RepositoryAccess repository, string commit, string path)
    {
        var walk = new SubmoduleWalk(repository, mirror.Folder, submoduleFiles, submoduleFailures);
        var entry = paths.Resolve(opened, CommitReader.Find(opened, commit), path, walk);
        if (entry.Kind == TreeEntryKind.Tree) walk.LookBelow(opened, entry.Path);
        return (entry, walk.Missing);
    }

    private async Task FetchAsync(Mirror mirror, RepositoryAccess repository, MissingSubmodule missing, CancellationToken cancellationToken)
    {
        if (budgets.PausedFor(missing.Url) is var paused && paused > TimeSpan.Zero)
        {
            Remember(mirror, missing, new GitException(GitErrorKind.Unreachable, $"the server asks to be left alone for {paused.TotalSeconds:0} s more"));
            return;
        }
        await budgets.WaitUrgentAsync(missing.Url, cancellationToken);
        using var deadline = new CancellationTokenSource(SubmoduleTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var endpoint = await endpoints.ReadAsync(SubmoduleUrl.AccessOf(repository, missing.Url), both.Token);
            if (await fetcher.FetchSubmoduleAsync(mirror, endpoint, missing.Url, missing.Commit, repository.Shallow, both.Token)) packs.AfterFetch(mirror);
        }
        catch (GitException failure) when (failure.Kind != GitErrorKind.DiskFull)
        {
            if (failure.RetryAfter is { } pause) budgets.Pause(missing.Url, pause);
            Remember(mirror, missing, failure);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Remember(mirror, missing, new GitException(GitErrorKind.TimedOut, $"no answer within {SubmoduleTimeout.TotalSeconds:0} s"));
        }
    }

    private void Remember(Mirror mirror, MissingSubmodule missing, GitException failure)
    {
        var told = submoduleFailures.Add(mirror.Folder, missing.Commit, $"the submodule '{missing.Path}' can't be fetched: {failure.Message}", failure);
        if (missing.IsNeeded) throw told;
    }
}
