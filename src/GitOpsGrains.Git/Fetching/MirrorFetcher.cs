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
    public Task<bool> FetchAsync(Mirror mirror, RemoteEndpoint endpoint, IReadOnlyList<GitRef> refs, bool shallow, CancellationToken cancellationToken) =>
        FetchAsync(mirror, endpoint, refs, Namespace, shallow, cancellationToken);

    /// <summary>The same from another repository than the mirror's own: neither server hears of the other's commits.</summary>
    public Task<bool> FetchSubmoduleAsync(Mirror mirror, RemoteEndpoint endpoint, string url, string commit, bool shallow, CancellationToken cancellationToken) =>
        FetchAsync(mirror, endpoint, [new GitRef(commit, commit)], $"{HaveSelection.Submodules}{Digest.Of(url).ToString()[..32]}/", shallow, cancellationToken);

    private async Task<bool> FetchAsync(Mirror mirror, RemoteEndpoint endpoint, IReadOnlyList<GitRef> refs, string folder, bool shallow, CancellationToken cancellationToken)
    {
        if (shallow && endpoint.Url.IsFile) throw new GitException(GitErrorKind.NotAllowed, "a repository on disk can't be fetched without its history: leave shallow out");
        await mirror.Gate.WaitAsync(cancellationToken);
        try
        {
            var plan = await executors.Fetching.RunAsync(() => Prepare(mirror, refs, folder, shallow), cancellationToken);
            if (plan.Missing.Count == 0) return false;
            if (endpoint.Url.IsFile)
                await executors.Fetching.RunAsync(() => FetchLocal(mirror, endpoint.Url.Path, plan.Missing, folder), cancellationToken);
            else
                await DownloadAsync(mirror, endpoint, plan, folder, shallow, cancellationToken);
            return true;
        }
        finally
        {
            mirror.Gate.Release();
        }
    }

    private async Task DownloadAsync(Mirror mirror, RemoteEndpoint endpoint, FetchPlan plan, string folder, bool shallow, CancellationToken cancellationToken)
    {
        var remote = remotes.For(endpoint);
        var wanted = plan.Missing.ToDictionary(item => item, item => remote.WantedId(endpoint, item));
        await using var pack = new PackSpool(folders.Incoming);
        await remote.FetchPackAsync(endpoint, new PackRequest([.. wanted.Values.Distinct()], plan.Haves, shallow), pack, cancellationToken);
        pack.Position = 0;
        if (shallow) ShallowFile.Add(mirror, plan.Missing.Select(item => item.Commit));
        await executors.Fetching.RunAsync(() => Index(mirror, wanted, folder, shallow, pack), cancellationToken);
    }

    private static FetchPlan Prepare(Mirror mirror, IReadOnlyList<GitRef> refs, string folder, bool shallow)
    {
        try
        {
            return Plan(mirror, refs, folder, shallow);
        }
        catch (LibGit2SharpException damage) when (!DiskSpace.IsFull(damage))
        {
            // A mirror is only a copy: one that can't be read is made anew, and then everything is missing.
            mirror.ReportDamage();
            return Plan(mirror, refs, folder, shallow);
        }
    }

    private static FetchPlan Plan(Mirror mirror, IReadOnlyList<GitRef> refs, string folder, bool shallow)
    {
        mirror.Ensure();
        return mirror.Use(repository => Plan(repository, refs, folder, shallow));
    }

    private static FetchPlan Plan(Repository repository, IReadOnlyList<GitRef> refs, string folder, bool shallow)
    {
        var missing = new List<GitRef>();
        foreach (var item in refs)
        {
            if (repository.Lookup<Commit>(item.Commit) is null || !HasTag(repository, item)) missing.Add(item);
            else SetRef(repository, item, folder);
        }
        return new FetchPlan(missing, missing.Count == 0 ? [] : HaveSelection.Choose(repository, shallow ? [] : [.. missing.Select(item => OwnName(folder, item.Name))], folder));
    }

    private bool Index(Mirror mirror, Dictionary<GitRef, string> wanted, string folder, bool shallow, PackSpool pack)
    {
        var own = wanted.DistinctBy(pair => pair.Key.Name).ToDictionary(pair => OwnName(folder, pair.Key.Name), pair => pair.Value);
        if (shallow) ShallowIndexer.Index(mirror, folders.Incoming, own, pack);
        return mirror.Use(repository =>
        {
            if (!shallow) PackFeed.Index(repository, own, pack);
            return Finish(repository, wanted.Keys, folder);
        });
    }

    private static bool FetchLocal(Mirror mirror, string path, IReadOnlyList<GitRef> missing, string folder)
    {
        var own = missing.Select(item => item.Name).Distinct().ToDictionary(name => name, name => OwnName(folder, name));
        return mirror.Use(repository =>
        {
            LocalRemote.Fetch(repository, path, own);
            return Finish(repository, missing, folder);
        });
    }

    private static bool Finish(Repository repository, IEnumerable<GitRef> wanted, string folder)
    {
        foreach (var item in wanted)
        {
            if (repository.Lookup<Commit>(item.Commit) is null)
                throw new GitException(GitErrorKind.CommitNotFound, $"the server did not send the commit {item.Commit} of {item.Name}");
            if (!HasTag(repository, item)) throw new GitException(GitErrorKind.CommitNotFound, $"the server did not send the tag {item.Name} itself");
            SetRef(repository, item, folder);
        }
        return true;
    }

    private static bool HasTag(Repository repository, GitRef item) => item.Tag is null || repository.Lookup(item.Tag) is not null;

    private static void SetRef(Repository repository, GitRef item, string folder)
    {
        // Nothing else holds a tag itself, and packs that are joined leave out what nothing holds.
        if (item.Tag is { } tag) SetRef(repository, OwnName(folder, item.Name + "^"), tag);
        SetRef(repository, OwnName(folder, item.Name), item.Commit);
    }

    private static void SetRef(Repository repository, string name, string target)
    {
        if (repository.Refs[name] is not DirectReference current || current.TargetIdentifier != target)
            repository.Refs.Add(name, new ObjectId(target), allowOverwrite: true);
    }

    /// <summary>A hash, because "a" and "a/b" may follow each other on the server but can't be files side by side here.</summary>
    private static string OwnName(string folder, string name) => folder + Digest.Of(name).ToString()[..32];

    private sealed record FetchPlan(IReadOnlyList<GitRef> Missing, IReadOnlyList<string> Haves);
}
