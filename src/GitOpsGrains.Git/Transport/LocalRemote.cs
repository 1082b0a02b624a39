using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Mirrors;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Transport;

/// <summary>Repositories on this machine's disk (file:// URLs), read through libgit2.</summary>
internal static class LocalRemote
{
    private const string Remote = "local";
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
            // libgit2 takes no path in place of a remote's name. The path never changes: another URL is another mirror.
            _ = mirror.Network.Remotes[Remote] ?? mirror.Network.Remotes.Add(Remote, path, "+refs/gitopsgrains/*:refs/gitopsgrains/*");
            var options = new FetchOptions { TagFetchMode = TagFetchMode.None, Prune = false };
            Commands.Fetch(mirror, Remote, names.Select(pair => $"+{pair.Key}:{pair.Value}"), options, null);
        }
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
