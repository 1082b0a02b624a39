using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>What a source's <c>ref</c> may mean, and which commit it names in a listing of the server's refs.</summary>
public static class RefNames
{
    public const string Branches = "refs/heads/";
    public const string Tags = "refs/tags/";
    private const int ShortestCommit = 7;

    public static bool IsCommit(string reference) =>
        reference.Length is 40 or 64 && reference.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether it may be the beginning of a commit's id.</summary>
    public static bool IsAbbreviated(RefQuery query) =>
        !IsRange(query) && !IsCommit(query.Reference)
        && query.Reference.Length is >= ShortestCommit and < 64 && query.Reference.All(char.IsAsciiHexDigitLower);

    public static bool IsRange(RefQuery query) =>
        query.TagPrefix.Length > 0 ? VersionRange.TryParse(query.Reference, out _) : VersionRange.LooksLikeOne(query.Reference);

    /// <summary>The full ref names that a query can stand for; none for a commit id.</summary>
    public static IReadOnlyList<string> Candidates(RefQuery query) => query.Reference switch
    {
        "" or "HEAD" => ["HEAD"],
        _ when IsCommit(query.Reference) || (IsRange(query) && !IsNameToo(query)) => [],
        var reference when reference.StartsWith("refs/", StringComparison.Ordinal) => [reference],
        var reference => [Branches + reference, Tags + reference],
    };

    /// <summary>What names of refs have to begin with to matter to a query; it holds all candidates.</summary>
    public static IReadOnlyList<string> Prefixes(RefQuery query) =>
        IsRange(query) ? [.. Candidates(query), Tags + query.TagPrefix] : Candidates(query);

    /// <summary>The ref that a query names, or the type and message of the condition that says why none does.</summary>
    public static RefFinding Find(RefQuery query, IReadOnlyDictionary<string, GitRef> refs)
    {
        var found = Candidates(query).Where(refs.ContainsKey).Select(name => refs[name]).ToArray();
        if (IsRange(query)) return FindHighest(query, refs, found);
        var reference = query.Reference;
        return found switch
        {
            [var only] => RefFinding.Of(only),
            [] when refs.Count == 0 && reference is "" or "HEAD" => RefFinding.Failed(ConditionTypes.RepositoryEmpty, "the repository has no commit yet"),
            [] => RefFinding.Failed(ConditionTypes.RevisionMissing, $"the repository has no branch or tag '{reference}'"),
            _ when found.All(candidate => candidate.Commit == found[0].Commit) => RefFinding.Of(found[0]),
            _ => RefFinding.Failed(ConditionTypes.RevisionAmbiguous,
                $"'{reference}' is both a branch and a tag, at different commits; write refs/heads/{reference} or refs/tags/{reference}"),
        };
    }

    /// <summary>"1.x" may be a branch as well; "&gt;=1" may not.</summary>
    private static bool IsNameToo(RefQuery query) =>
        query.TagPrefix.Length == 0 && query.Reference.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-');

    private static RefFinding FindHighest(RefQuery query, IReadOnlyDictionary<string, GitRef> refs, GitRef[] sameName)
    {
        if (!VersionRange.TryParse(query.Reference, out var range))
            return RefFinding.Failed(ConditionTypes.RevisionMissing, $"'{query.Reference}' is not a range of versions");
        var (highest, lookedAt) = range.Choose(
            refs.Keys.Where(name => name.StartsWith(Tags, StringComparison.Ordinal)).Select(name => name[Tags.Length..]), query.TagPrefix);
        var chosen = highest.Select(tag => refs[Tags + tag]).ToArray();
        return (chosen, sameName) switch
        {
            ([], [var only]) => RefFinding.Of(only),
            ([], _) => RefFinding.Failed(ConditionTypes.RevisionMissing,
                $"no tag is a version in the range '{query.Reference}': {lookedAt} tags{(query.TagPrefix.Length == 0 ? "" : $" that begin with '{query.TagPrefix}'")} were looked at"),
            (_, [_, ..]) => RefFinding.Failed(ConditionTypes.RevisionAmbiguous,
                $"'{query.Reference}' is both {(sameName[0].Name.StartsWith(Branches, StringComparison.Ordinal) ? "a branch" : "a tag")} and a range of versions with tags in it; write {sameName[0].Name} or another form of the range"),
            _ when chosen.All(tag => tag.Commit == chosen[0].Commit) => RefFinding.Of(chosen[0]),
            _ => RefFinding.Failed(ConditionTypes.RevisionAmbiguous,
                $"the range '{query.Reference}' chooses one version that has several tags at different commits: {string.Join(", ", highest.Take(5))}"),
        };
    }
}

/// <summary>A ref, or the type and message of the condition that says why there is none.</summary>
public sealed record RefFinding(GitRef? Ref, string? ConditionType, string? Message)
{
    public static RefFinding Of(GitRef reference) => new(reference, null, null);

    public static RefFinding Failed(string conditionType, string message) => new(null, conditionType, message);
}
