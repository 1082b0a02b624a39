using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Git.Submodules;

/// <summary>Where a submodule is, if it may be there: what a .gitmodules says was written by whoever may commit. Pure.</summary>
internal static class SubmoduleUrl
{
    /// <param name="parent">URL of the repository whose .gitmodules it is; that one was allowed.</param>
    /// <param name="text">As it stands in .gitmodules: a URL, or relative ("../other.git") to the parent's.</param>
    /// <returns>The URL, or why it is not followed. Faults never repeat what could hold a password.</returns>
    public static (string? Url, string? Fault) Resolve(RepositoryAccess repository, string parent, string text)
    {
        var whole = text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal) ? Join(parent, text) : text;
        if (whole is null) return (null, "its relative URL leaves the server");
        if (!GitUrl.TryParse(whole, out var url, out var fault)) return (null, $"its URL can't be used: {fault}");
        if (IsAllowed(repository, url)) return (whole, null);
        return (null, $"its {(url.IsFile ? "file URL" : $"URL is of {url.Scheme}://{url.Host}, which")} is not below one of the repository's submodules.urlPrefixes");
    }

    /// <summary>
    /// How it is reached: by what the templates say of its own URL. Whom to trust and which way to go is as for the repository, if
    /// it is the same server.
    /// </summary>
    public static RepositoryAccess AccessOf(RepositoryAccess repository, string url)
    {
        var own = new RepositoryAccess(repository.Name, url, repository.Timeout);
        var isSameOrigin = GitUrl.TryParse(url, out var there, out _) && GitUrl.TryParse(repository.Url, out var here, out _)
            && there.IsHttp && (there.Scheme, there.Host, there.Port) == (here.Scheme, here.Host, here.Port);
        return isSameOrigin ? own with { CaFrom = repository.CaFrom, Proxy = repository.Proxy } : own;
    }

    private static bool IsAllowed(RepositoryAccess repository, GitUrl url) =>
        IsOfSameHost(repository, url)
        || repository.Submodules!.UrlPrefixes.Any(text => GitUrl.TryParse(text, out var prefix, out _) && url.IsBelow(prefix));

    /// <summary>Its own host by any way, but none that is less safe than its own.</summary>
    private static bool IsOfSameHost(RepositoryAccess repository, GitUrl url) =>
        !url.IsFile && GitUrl.TryParse(repository.Url, out var own, out _) && own.Host == url.Host
        && (url.Scheme == own.Scheme ? url.Port == own.Port : url.Scheme != "http" && HasUsualPort(url));

    private static bool HasUsualPort(GitUrl url) => url.Port is 443 or 22;

    /// <summary>As git joins them: each ".." drops a part of the parent's path.</summary>
    private static string? Join(string parent, string relative)
    {
        var mark = parent.IndexOf("://", StringComparison.Ordinal);
        var start = mark > 0 ? parent.IndexOf('/', mark + 3) : parent.IndexOf(':', StringComparison.Ordinal);
        if (start < 0) return null;
        var (server, path) = (parent[..(start + 1)], parent[(start + 1)..]);
        var isAbsolute = path.StartsWith('/');
        var segments = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var segment in relative.TrimEnd('/').Split('/'))
        {
            if (segment == ".") continue;
            if (segment != "..") segments.Push(segment);
            else if (!segments.TryPop(out _)) return null;
        }
        return $"{server}{(isAbsolute ? "/" : "")}{string.Join('/', segments.Reverse())}";
    }
}
