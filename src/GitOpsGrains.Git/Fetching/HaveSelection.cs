using LibGit2Sharp;

namespace GitOpsGrains.Git.Fetching;

/// <summary>
/// Chooses the commits to tell the server that we have them: the tips of all refs and, for those being fetched,
/// first parents in growing steps, so that a rewritten branch still finds where it left the old one.
/// </summary>
internal static class HaveSelection
{
    private const int MaxTips = 128;
    private const int MaxAncestors = 32;
    private const int MaxSteps = 4096;
    private const int DenseSteps = 8;

    /// <summary>Below it are the refs of submodules, a folder for each URL.</summary>
    public const string Submodules = "refs/gitopsgrains/submodules/";

    /// <param name="fetched">Those whose ancestors are told as well; none where there are no ancestors.</param>
    /// <param name="folder">What the refs of the repository that is asked begin with.</param>
    public static IReadOnlyList<string> Choose(Repository repository, IReadOnlyList<string> fetched, string folder)
    {
        var haves = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in fetched.Take(MaxTips))
            if (repository.Refs[name]?.ResolveToDirectReference()?.Target is Commit tip)
                AddWithAncestors(tip, haves, seen);
        foreach (var reference in repository.Refs.Where(item => IsBelow(item.CanonicalName, folder)).Take(MaxTips))
            if (reference.ResolveToDirectReference()?.Target is Commit tip && seen.Add(tip.Sha))
                haves.Add(tip.Sha);
        return haves;
    }

    private static bool IsBelow(string name, string folder) => name.StartsWith(folder, StringComparison.Ordinal)
        && (folder.StartsWith(Submodules, StringComparison.Ordinal) || !name.StartsWith(Submodules, StringComparison.Ordinal));

    private static void AddWithAncestors(Commit tip, List<string> haves, HashSet<string> seen)
    {
        var next = 0;
        var added = 0;
        var commit = tip;
        for (var step = 0; commit is not null && step < MaxSteps && added < MaxAncestors; step++)
        {
            if (step == next)
            {
                if (!seen.Add(commit.Sha)) return;
                haves.Add(commit.Sha);
                added++;
                next = step < DenseSteps ? step + 1 : step * 3 / 2;
            }
            commit = commit.Parents.FirstOrDefault();
        }
    }
}
