using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Git.Transport;

/// <summary>A repository's URL after the checks of what may be reached. Messages never show a URL that could hold credentials.</summary>
internal static class RepositoryUrl
{
    /// <summary>Errors: <see cref="GitErrorKind.NotAllowed"/>.</summary>
    public static GitUrl Parse(string text, bool allowFile)
    {
        if (!GitUrl.TryParse(text, out var url, out var fault)) throw Refused($"the repository's URL can't be used: {fault}");
        return url.IsFile && !allowFile ? throw Refused("file:// repositories are not allowed here") : url;
    }

    private static GitException Refused(string why) => new(GitErrorKind.NotAllowed, why);
}
