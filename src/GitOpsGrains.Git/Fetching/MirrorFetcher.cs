using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;
using GitOpsGrains.Git.Mirrors;
using GitOpsGrains.Git.Transport;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Fetching;

/// <summary>
/// Brings commits into a mirror in three steps: see what is missing (native), download it (no thread waits), index it
/// (native). Fetches of one mirror run one after another.
/// </summary>
internal sealed class MirrorFetcher(
    MirrorFolders folders, GitExecutors executors, Remotes remotes)
{
    private const string Namespace = "refs/gitopsgrains/";

    /// <summary>Whether something was missing and is there now.</summary>
    public async Task<bool> FetchAsync(Mirror mirror, RemoteEndpoint endpoint, IReadOnlyList<GitRef> refs, CancellationToken cancellationToken)
    {
        await mirror.Gate.WaitAsync(cancellationToken);
        try
        {
            var plan = await executors.Fetching.RunAsync(() => Prepare(mirror, refs), cancellationToken);
            if (plan.Missing.Count == 0) return false;
            if (endpoint.Url.IsFile)
                await executors.Fetching.RunAsync(() => FetchLocal(mirror, endpoint.Url.Path, plan.Missing), cancellationToken);
            else
                await DownloadAsync(mirror, endpoint, plan, cancellationToken);
            return true;
        }
        finally
        {
            mirror.Gate.Release();
        }
    }

    private async Task DownloadAsync(Mirror mirror, RemoteEndpoint endpoint, FetchPlan plan, CancellationToken cancellationToken)
    {
        var remote = remotes.For(endpoint);
        var wanted = plan.Missing.ToDictionary(item => item, item => remote.WantedId(endpoint, item));
        await using var pack = new PackSpool(folders.Incoming);
        await remote.FetchPackAsync(endpoint, [.. wanted.Values.Distinct()], plan.Haves, pack, cancellationToken);
        pack.Position = 0;
        await executors.Fetching.RunAsync(() => Index(mirror, wanted, pack), cancellationToken);
    }

    private static FetchPlan Prepare(Mirror mirror, IReadOnlyList<GitRef> refs)
    {
        try
        {
            return Plan(mirror, refs);
        }
        catch (LibGit2SharpException damage) when (!DiskSpace.IsFull(damage))
        {
            // A mirror is only a copy: one that can't be read is made anew, and then everything is missing.
            mirror.ReportDamage();
            return Plan(mirror, refs);
        }
    }

    private static FetchPlan Plan(Mirror mirror, IReadOnlyList<GitRef> refs)
    {
        mirror.Ensure();
        return mirror.Use(repository => Plan(repository, refs));
    }

    private static FetchPlan Plan(Repository repository, IReadOnlyList<GitRef> refs)
    {
        var missing = new List<GitRef>();
        foreach (var item in refs)
        {
            if (repository.Lookup<Commit>(item.Commit) is null || !HasTag(repository, item)) missing.Add(item);
            else SetRef(repository, item);
        }
        return new FetchPlan(missing, missing.Count == 0 ? [] : HaveSelection.Choose(repository, [.. missing.Select(item => OwnName(item.Name))]));
    }

    private static bool Index(Mirror mirror, Dictionary<GitRef, string> wanted, PackSpool pack)
    {
        var own = wanted.DistinctBy(pair => pair.Key.Name).ToDictionary(pair => OwnName(pair.Key.Name), pair => pair.Value);
        return mirror.Use(repository =>
        {
            PackFeed.Index(repository, own, pack);
            return Finish(repository, wanted.Keys);
        });
    }

    private static bool FetchLocal(Mirror mirror, string path, IReadOnlyList<GitRef> missing)
    {
        var own = missing.Select(item => item.Name).Distinct().ToDictionary(name => name, OwnName);
        return mirror.Use(repository =>
        {
            LocalRemote.Fetch(repository, path, own);
            return Finish(repository, missing);
        });
    }

    private static bool Finish(Repository repository, IEnumerable<GitRef> wanted)
    {
        foreach (var item in wanted)
        {
            if (repository.Lookup<Commit>(item.Commit) is null)
                throw new GitException(GitErrorKind.CommitNotFound, $"the server did not send the commit {item.Commit} of {item.Name}");
            if (!HasTag(repository, item)) throw new GitException(GitErrorKind.CommitNotFound, $"the server did not send the tag {item.Name} itself");
            SetRef(repository, item);
        }
        return true;
    }

    private static bool HasTag(Repository repository, GitRef item) => item.Tag is null || repository.Lookup(item.Tag) is not null;

    private static void SetRef(Repository repository, GitRef item)
    {
        // Nothing else holds a tag itself, and packs that are joined leave out what nothing holds.
        if (item.Tag is { } tag) SetRef(repository, OwnName(item.Name + "^"), tag);
        SetRef(repository, OwnName(item.Name), item.Commit);
    }

    private static void SetRef(Repository repository, string name, string target)
    {
        if (repository.Refs[name] is not DirectReference current || current.TargetIdentifier != target)
            repository.Refs.Add(name, new ObjectId(target), allowOverwrite: true);
    }

    /// <summary>A hash, because "a" and "a/b" may follow each other on the server but can't be files side by side here.</summary>
    private static string OwnName(string name) => Namespace + Digest.Of(name).ToString()[..32];

    private sealed record FetchPlan(IReadOnlyList<GitRef> Missing, IReadOnlyList<string> Haves);
}
