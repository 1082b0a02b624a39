using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Mirrors;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Transport;

/// <summary>Repositories on this machine's disk (file:// URLs), read through libgit2.</summary>
internal static class LocalRemote
{
    private const int MaxTagDepth = 10;

    public static RemoteRefs ListRefs(string path, IReadOnlyList<string> prefixes)
    {
        LibGit2Setup.Ensure();
        using var repository = Open(path);
        var all = new List<RemoteRef>();
        if (repository.Head.Tip is { } tip) all.Add(new RemoteRef("HEAD", tip.Sha, null));
        foreach (var reference in repository.Refs.OrderBy(item => item.CanonicalName, StringComparer.Ordinal))
            if (reference.ResolveToDirectReference() is { Target: { } target } && RefSyntax.IsRefName(reference.CanonicalName))
                all.Add(new RemoteRef(reference.CanonicalName, target.Sha, Peeled(target)));
        if (all.Count == 0) throw new GitException(GitErrorKind.Empty, "the repository has no commit");
        var wanted = prefixes.Count == 0 ? all : [.. all.Where(item => prefixes.Any(prefix => item.Name.StartsWith(prefix, StringComparison.Ordinal)))];
        return new RemoteRefs(wanted, repository.Refs.Head is SymbolicReference head ? head.TargetIdentifier : null);
    }

    /// <summary>Fetches refs of the repository at the path into the mirror; <paramref name="names"/> maps theirs to ours.</summary>
    public static void Fetch(Repository mirror, string path, IReadOnlyDictionary<string, string> names)
    {
        using (Open(path))
        {
            var remote = RemoteOf(mirror, path);
            var options = new FetchOptions { TagFetchMode = TagFetchMode.None, Prune = false };
            Commands.Fetch(mirror, remote.Name, names.Select(pair => $"+{pair.Key}:{pair.Value}"), options, null);
        }
    }

    /// <summary>
    /// Sends a commit to the repository at the path. Errors: <see cref="GitErrorKind.Rejected"/> when the branch is not where
    /// it is expected, or is checked out there.
    /// </summary>
    public static void Push(Repository mirror, string path, string branch, string? expected, string commit)
    {
        using (var target = Open(path))
        {
            var current = (target.Refs[branch] as DirectReference)?.TargetIdentifier;
            if (current != expected) throw new GitException(GitErrorKind.Rejected, $"{branch} is at {current ?? "no commit"} by now");
            if (!target.Info.IsBare) throw new GitException(GitErrorKind.Rejected, "the repository at the file:// URL's path has a working tree: only a bare one can be pushed to");
        }
        var remote = RemoteOf(mirror, path);
        var own = $"refs/gitopsgrains/push-{commit}";
        mirror.Refs.Add(own, new ObjectId(commit), allowOverwrite: true);
        try
        {
            string? refused = null;
            mirror.Network.Push(remote, $"{own}:{branch}", new PushOptions { OnPushStatusError = error => refused = error.Message });
            if (refused is not null) throw new GitException(GitErrorKind.Rejected, $"the push is refused: {ServerError.Printable(refused)}");
        }
        catch (NonFastForwardException moved)
        {
            throw new GitException(GitErrorKind.Rejected, $"{branch} has moved", moved);
        }
        catch (LibGit2SharpException refusal) when (!DiskSpace.IsFull(refusal))
        {
            // Whatever stands in the way is over there: the mirror was read to make the commit a moment ago.
            throw new GitException(GitErrorKind.Rejected, $"the push is refused: {ServerError.Printable(refusal.Message)}", refusal);
        }
        finally
        {
            mirror.Refs.Remove(own);
        }
    }

    /// <summary>libgit2 takes no path in place of a remote's name. A mirror has its own repository's and those of submodules.</summary>
    private static Remote RemoteOf(Repository mirror, string path)
    {
        var name = $"local-{Digest.Of(path).ToString()[..16]}";
        return mirror.Network.Remotes[name] ?? mirror.Network.Remotes.Add(name, path, "+refs/gitopsgrains/*:refs/gitopsgrains/*");
    }

    /// <summary>What a tag, or a tag of a tag, is of; null for anything else.</summary>
    private static string? Peeled(GitObject target)
    {
        var at = target;
        for (var depth = 0; at is TagAnnotation tag && depth < MaxTagDepth; depth++) at = tag.Target;
        return at == target ? null : at.Sha;
    }

    private static Repository Open(string path)
    {
        try
        {
            return new Repository(path);
        }
        catch (RepositoryNotFoundException missing)
        {
            throw new GitException(GitErrorKind.RepositoryNotFound, "there is no Git repository at the file:// URL's path", missing);
        }
    }
}
