using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>Which URL prefix a URL lies below. Pure.</summary>
public sealed class PrefixMatch
{
    private readonly (GitUrl Prefix, RepositoryCredentialsDocument Document)[] _ordered;

    public PrefixMatch(IEnumerable<RepositoryCredentialsDocument> documents) => _ordered =
    [
        .. documents
            .Select(document => (Document: document, Prefix: GitUrl.TryParseAny(document.Spec.UrlPrefix, out var prefix, out _) ? prefix : null))
            .Where(entry => entry.Prefix is not null)
            .OrderByDescending(entry => entry.Prefix!.Segments.Count)
            .ThenByDescending(entry => entry.Prefix!.User is not null)
            .Select(entry => (entry.Prefix!, entry.Document)),
    ];

    /// <summary>The one of the longest prefix; where two are as long, one that names a user wins.</summary>
    public RepositoryCredentialsDocument? Longest(string url) =>
        GitUrl.TryParseAny(url, out var wanted, out _) ? Array.Find(_ordered, entry => wanted.IsBelow(entry.Prefix)).Document : null;

    /// <summary>Whether both say the same URLs, however they are written.</summary>
    public static bool IsSame(string left, string right) =>
        GitUrl.TryParseAny(left, out var one, out _) && GitUrl.TryParseAny(right, out var other, out _)
        && one.IsBelow(other) && other.IsBelow(one) && one.User == other.User;
}
