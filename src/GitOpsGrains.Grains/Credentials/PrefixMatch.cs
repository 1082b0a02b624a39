using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>Which URL prefix a URL lies below. Pure.</summary>
public static class PrefixMatch
{
    /// <summary>The one of the longest prefix; where two are as long, one that names a user wins.</summary>
    public static RepositoryCredentialsDocument? Longest(IEnumerable<RepositoryCredentialsDocument> documents, string url)
    {
        if (!GitUrl.TryParse(url, out var wanted, out _)) return null;
        return documents
            .Select(document => (Document: document, Prefix: GitUrl.TryParse(document.Spec.UrlPrefix, out var prefix, out _) ? prefix : null))
            .Where(entry => entry.Prefix is not null && wanted.IsBelow(entry.Prefix))
            .OrderByDescending(entry => entry.Prefix!.Segments.Count)
            .ThenByDescending(entry => entry.Prefix!.User is not null)
            .Select(entry => entry.Document)
            .FirstOrDefault();
    }

    /// <summary>Whether both say the same URLs, however they are written.</summary>
    public static bool IsSame(string left, string right) =>
        GitUrl.TryParse(left, out var one, out _) && GitUrl.TryParse(right, out var other, out _)
        && one.IsBelow(other) && other.IsBelow(one) && one.User == other.User;
}
