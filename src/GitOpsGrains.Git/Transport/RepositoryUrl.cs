using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Transport;

/// <summary>A repository's URL after the checks of what may be reached. Messages never show a URL that could hold credentials.</summary>
internal static class RepositoryUrl
{
    /// <summary>Errors: <see cref="GitErrorKind.NotAllowed"/>.</summary>
    public static Uri Parse(string url, bool allowFile)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || !url.Contains("://", StringComparison.Ordinal))
            throw Refused("the repository's URL is not one: write https://host/path (the short form user@host:path is not read)");
        if (uri.UserInfo.Length > 0)
            throw Refused("the repository's URL holds a user name or password: give them as credentials, not in the URL");
        if (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        {
            if (uri.Query.Length > 0 || uri.Fragment.Length > 0) throw Refused("the repository's URL has a query or fragment");
            return uri;
        }
        if (uri.Scheme != Uri.UriSchemeFile)
            throw Refused($"repositories can't be reached by {uri.Scheme}: use https");
        if (!allowFile) throw Refused("file:// repositories are not allowed here");
        return uri.Host.Length == 0 ? uri : throw Refused("a file:// URL of another host can't be read: write file:///path");
    }

    private static GitException Refused(string why) => new(GitErrorKind.NotAllowed, why);
}
