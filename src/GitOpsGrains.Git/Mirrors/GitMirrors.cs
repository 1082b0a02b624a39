using System.Runtime.CompilerServices;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;
using GitOpsGrains.Git.Fetching;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Git.Reading;
using GitOpsGrains.Git.Submodules;
using GitOpsGrains.Git.Transport;
using LibGit2Sharp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>The port's implementation: checks, time limits and threads around the parts that do the work.</summary>
internal sealed partial class GitMirrors(
    MirrorFolders folders,
    GitExecutors executors,
    EndpointReader endpoints,
    Remotes remotes,
    MirrorFetcher fetcher,
    PackMaintenance packs,
    PathResolver paths,
    PathLinks links,
    RecentReads recent,
    SubmoduleFiles submoduleFiles,
    SubmoduleFailures submoduleFailures,
    IServerBudgets budgets,
    IOptions<GitOptions> options,
    ILogger<GitMirrors> logger,
    TimeProvider time) : IGitMirrors, IGitHistory, IGitWriter
{
    public Task<RefListing> ListRefsAsync(RepositoryAccess repository, IReadOnlyList<string> prefixes, CancellationToken cancellationToken) =>
        WithinAsync(repository.Name, repository.Timeout, async token =>
        {
            var endpoint = await endpoints.ReadAsync(repository, token);
            if (prefixes.Any(prefix => prefix.Length is 0 or > 1024 || prefix.Any(char.IsControl)))
                throw new GitException(GitErrorKind.Malformed, "a prefix of refs is empty, too long or holds control characters");
            var refs = endpoint.Url.IsFile
                ? await executors.Reading.RunAsync(() => LocalRemote.ListRefs(endpoint.Url.Path, prefixes), token)
                : await remotes.For(endpoint).ListRefsAsync(endpoint, prefixes, token);
            return refs.ToListing();
        }, cancellationToken);

    public Task FetchAsync(RepositoryAccess repository, IReadOnlyList<GitRef> refs, CancellationToken cancellationToken) =>
        WithinAsync(repository.Name, repository.Timeout, async token =>
        {
            foreach (var item in refs)
            {
                // A commit that no ref has to name is asked for by its own id.
                if (!RefSyntax.IsRefName(item.Name) && item.Name != item.Commit) throw new GitException(GitErrorKind.Malformed, "the name of a ref to fetch is none");
                if (!RefSyntax.IsObjectId(item.Commit)) throw new GitException(GitErrorKind.CommitNotFound, $"the commit of {item.Name} is no object id");
            }
            var mirror = folders.For(repository);
            if (await fetcher.FetchAsync(mirror, await endpoints.ReadAsync(repository, token), refs, repository.Shallow, token)) packs.AfterFetch(mirror);
            return true;
        }, cancellationToken);

    public Task<bool> HasCommitAsync(RepositoryAccess repository, string commit, CancellationToken cancellationToken) =>
        LookAsync(repository, opened => CommitReader.TryFind(opened, commit) is not null, cancellationToken);

    public Task<string?> FindCommitAsync(RepositoryAccess repository, string digits, CancellationToken cancellationToken) =>
        LookAsync(repository, opened => CommitReader.FindByDigits(opened, digits), cancellationToken);

    public Task<bool> IsAncestorAsync(RepositoryAccess repository, string ancestor, string commit, CancellationToken cancellationToken) =>
        ReadHistoryAsync(repository, opened =>
        {
            var descendant = CommitReader.Find(opened, commit);
            return CommitReader.TryFind(opened, ancestor) is { } older
                && opened.ObjectDatabase.FindMergeBase(older, descendant)?.Id == older.Id;
        }, cancellationToken);

    public Task<IReadOnlyList<string>> ListCommitsAsync(
        RepositoryAccess repository, string commit, IReadOnlyList<string> known, int most, CancellationToken cancellationToken) =>
        ReadHistoryAsync(repository, opened => CommitReader.ListSince(opened, commit, known, most), cancellationToken);

    public Task<CommitInfo> ReadCommitAsync(RepositoryAccess repository, string commit, CancellationToken cancellationToken) =>
        ReadAsync(repository, opened => CommitReader.Read(opened, commit), cancellationToken);

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadBlobsAsync(
        RepositoryAccess repository, IReadOnlyList<string> blobIds, long maxBytes, CancellationToken cancellationToken) =>
        ReadAsync(repository, opened => BlobReader.Read(opened, blobIds, maxBytes, cancellationToken), cancellationToken);

    public Task RemoveAsync(string repositoryName, CancellationToken cancellationToken) =>
        WithinAsync(repositoryName, options.Value.Timeout, async token =>
        {
            foreach (var mirror in folders.Of(repositoryName))
            {
                await mirror.Gate.WaitAsync(token);
                try
                {
                    await executors.Fetching.RunAsync(() =>
                    {
                        mirror.Remove();
                        return true;
                    }, token);
                }
                finally
                {
                    mirror.Gate.Release();
                }
            }
            folders.RemoveEmptyParent(repositoryName);
            recent.Forget();
            return true;
        }, cancellationToken);

    private Task<T> ReadAsync<T>(
        RepositoryAccess repository, Func<Repository, T> read, CancellationToken cancellationToken, [CallerMemberName] string operation = "")
    {
        var mirror = folders.For(repository);
        return TimedAsync(operation, repository.Name, repository.Timeout, token => executors.Reading.RunAsync(() => Read(mirror, read), token), cancellationToken);
    }

    private Task<T> ReadHistoryAsync<T>(
        RepositoryAccess repository, Func<Repository, T> read, CancellationToken cancellationToken, [CallerMemberName] string operation = "") => repository.Shallow
        ? Task.FromException<T>(new GitException(GitErrorKind.NotAllowed, $"repository {repository.Name} is fetched without its history (shallow), which this needs"))
        : ReadAsync(repository, read, cancellationToken, operation);

    /// <summary>What is in the mirror; nothing (default) when there is none or it can't be read.</summary>
    private Task<T?> LookAsync<T>(
        RepositoryAccess repository, Func<Repository, T?> look, CancellationToken cancellationToken, [CallerMemberName] string operation = "")
    {
        var mirror = folders.For(repository);
        return TimedAsync(operation, repository.Name, repository.Timeout, token => executors.Reading.RunAsync(() =>
        {
            if (mirror.IsDamaged) return default;
            try
            {
                return mirror.Exists ? mirror.Use(look) : default;
            }
            catch (Exception damage) when (IsDamage(damage))
            {
                mirror.ReportDamage();
                return default;
            }
        }, token), cancellationToken);
    }

    private static T Read<T>(Mirror mirror, Func<Repository, T> read)
    {
        try
        {
            return mirror.Use(read);
        }
        catch (Exception race) when (IsDamage(race))
        {
            // Packs may have been joined since it was opened; only what fails twice is damage.
            mirror.CloseAll();
        }
        try
        {
            return mirror.Use(read);
        }
        catch (Exception damage) when (IsDamage(damage))
        {
            mirror.ReportDamage();
            throw new GitException(GitErrorKind.Malformed, $"the mirror on disk can't be read, the next fetch makes it anew: {damage.Message}", damage);
        }
    }

    private static bool IsDamage(Exception failure) => failure is LibGit2SharpException or GitException { Kind: GitErrorKind.Malformed };

    /// <summary>As <see cref="TimedAsync"/>, and not on the caller's scheduler, which may be a grain's: lists of refs are parsed on the way.</summary>
    private Task<T> WithinAsync<T>(
        string name, TimeSpan timeout, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken, [CallerMemberName] string operation = "") =>
        TimedAsync(operation, name, timeout, token => Task.Run(() => work(token), CancellationToken.None), cancellationToken);

    /// <summary>
    /// Gives the work a time limit and the caller an answer when it is over, also when native code has not come back.
    /// </summary>
    private async Task<T> TimedAsync<T>(
        string operation, string name, TimeSpan timeout, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var outcome = "Failed";
        try
        {
            var result = await LimitedAsync(name, timeout, work, cancellationToken);
            outcome = "Done";
            return result;
        }
        catch (GitException failure)
        {
            outcome = failure.Kind.ToString();
            throw;
        }
        catch (OperationCanceledException)
        {
            outcome = "Cancelled";
            throw;
        }
        finally
        {
            GitInstruments.Record(operation, outcome, time.GetElapsedTime(started));
        }
    }

    private async Task<T> LimitedAsync<T>(string name, TimeSpan timeout, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var limit = timeout > TimeSpan.Zero ? timeout : options.Value.Timeout;
        using var deadline = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var running = work(both.Token);
        try
        {
            return await running.WaitAsync(both.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            ReportLater(name, running);
            throw new GitException(GitErrorKind.TimedOut, $"repository {name}: no answer within {limit.TotalSeconds:0.###} s", late);
        }
        catch (OperationCanceledException)
        {
            ReportLater(name, running);
            throw;
        }
        catch (Exception full) when (DiskSpace.IsFull(full))
        {
            throw new GitException(GitErrorKind.DiskFull, $"repository {name}: the disk of the mirrors is full ({Path.GetFullPath(options.Value.DataDirectory)})", full);
        }
        catch (LibGit2SharpException failure)
        {
            throw new GitException(GitErrorKind.Malformed, $"repository {name}: {failure.Message}", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new GitException(GitErrorKind.Malformed, $"repository {name}: the mirror's folder can't be used: {failure.Message}", failure);
        }
    }

    private void ReportLater(string name, Task running) =>
        _ = running.ContinueWith(
            ended =>
            {
                if (ended.Exception?.InnerException is { } failure) LogLateFailure(name, failure);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
