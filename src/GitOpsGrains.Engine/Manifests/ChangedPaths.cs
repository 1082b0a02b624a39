using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>What a commit changed, to be asked for by any number of renders: each question is one look-up.</summary>
public sealed class ChangedPaths(IEnumerable<TreeChange> changes)
{
    // A directory stands in it whenever something below it differs.
    private readonly HashSet<string> _paths = changes.Select(change => change.Path).ToHashSet(StringComparer.Ordinal);

    /// <param name="reads">As <see cref="Normal"/> makes them.</param>
    public bool Touches(IReadOnlyList<string> reads)
    {
        for (var index = 0; index < reads.Count; index++)
            if (_paths.Contains(reads[index]))
                return true;
        return false;
    }

    /// <summary>The paths of a repository in a read set as Git names them: without "." and empty segments.</summary>
    public static IReadOnlyList<string> Of(ReadSet reads, string repository) =>
        [.. reads.Entries.Where(entry => entry.Repository == repository).Select(entry => Normal(entry.Path)).Distinct(StringComparer.Ordinal)];

    public static string Normal(string path) => string.Join('/', path.Split('/').Where(segment => segment is not ("" or ".")));

    /// <summary>Whether a file is read when a path is: it is the path, or below it.</summary>
    public static bool IsWithin(string file, string path) =>
        path.Length == 0 || file == path || (file.Length > path.Length && file[path.Length] == '/' && file.StartsWith(path, StringComparison.Ordinal));
}
