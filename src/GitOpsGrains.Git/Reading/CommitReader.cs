using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Transport;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Reading;

internal static class CommitReader
{
    private const int MaxMessage = 4096;
    private const int MaxName = 256;

    public static Commit? TryFind(Repository repository, string id) =>
        RefSyntax.IsObjectId(id) ? repository.Lookup<Commit>(id) : null;

    public static Commit Find(Repository repository, string id) =>
        TryFind(repository, id) ?? throw new GitException(GitErrorKind.CommitNotFound, $"the mirror has no commit {Shown(id)}");

    /// <summary>The whole id of the commit that begins with these digits; null when there is none.</summary>
    public static string? FindByDigits(Repository repository, string digits)
    {
        if (digits.Length is < 7 or > 64 || !digits.All(char.IsAsciiHexDigitLower)) return null;
        try
        {
            return repository.Lookup<Commit>(digits)?.Sha;
        }
        catch (AmbiguousSpecificationException)
        {
            throw new GitException(GitErrorKind.Ambiguous, $"several objects begin with {digits}: give more digits");
        }
    }

    public static IReadOnlyList<string> ListSince(Repository repository, string commit, IReadOnlyList<string> known, int most)
    {
        var filter = new CommitFilter
        {
            IncludeReachableFrom = Find(repository, commit),
            ExcludeReachableFrom = known.Select(id => TryFind(repository, id)).OfType<Commit>().ToArray(),
        };
        return [.. repository.Commits.QueryBy(filter).Take(most + 1).Select(found => found.Sha)];
    }

    public static CommitInfo Read(Repository repository, string id)
    {
        var commit = Find(repository, id);
        var author = commit.Author;
        return new CommitInfo(commit.Sha, commit.Tree.Sha, Cut(author.Name, MaxName), Cut(author.Email, MaxName), author.When, Cut(commit.Message, MaxMessage));
    }

    private static string Shown(string id) => RefSyntax.IsObjectId(id) ? id : "of that name (40 hexadecimal digits are one)";

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
