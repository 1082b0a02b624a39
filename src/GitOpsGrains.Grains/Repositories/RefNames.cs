using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>What a source's <c>ref</c> may mean, and which commit it names in a listing of the server's refs.</summary>
public static class RefNames
{
    private const string Branches = "refs/heads/";
    private const string Tags = "refs/tags/";

    public static bool IsCommit(string reference) =>
        reference.Length is 40 or 64 && reference.All(char.IsAsciiHexDigitLower);

    /// <summary>The full ref names that a reference can stand for; none for a commit id.</summary>
    public static IReadOnlyList<string> Candidates(string reference) => reference switch
    {
        "" or "HEAD" => ["HEAD"],
        _ when IsCommit(reference) => [],
        _ when reference.StartsWith("refs/", StringComparison.Ordinal) => [reference],
        _ => [Branches + reference, Tags + reference],
    };

    /// <summary>The ref that a reference names, or the type and message of the condition that says why none does.</summary>
    public static (GitRef? Ref, string? ConditionType, string? Message) Find(string reference, IReadOnlyDictionary<string, string> refs)
    {
        var found = Candidates(reference).Where(refs.ContainsKey).Select(name => new GitRef(name, refs[name])).ToArray();
        return found switch
        {
            [var only] => (only, null, null),
            [] when refs.Count == 0 && reference is "" or "HEAD" =>
                (null, ConditionTypes.RepositoryEmpty, "the repository has no commit yet"),
            [] => (null, ConditionTypes.RevisionMissing, $"the repository has no branch or tag '{reference}'"),
            _ when found.All(candidate => candidate.Commit == found[0].Commit) => (found[0], null, null),
            _ => (null, ConditionTypes.RevisionAmbiguous,
                $"'{reference}' is both a branch and a tag, at different commits; write refs/heads/{reference} or refs/tags/{reference}"),
        };
    }
}
