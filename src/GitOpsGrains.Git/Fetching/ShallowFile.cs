using GitOpsGrains.Git.Mirrors;

namespace GitOpsGrains.Git.Fetching;

/// <summary>Git's list of the commits whose parents are not in a mirror: for libgit2 they have none.</summary>
internal static class ShallowFile
{
    private const string Name = "shallow";

    /// <summary>Hold the gate. Before the commits come: one that is not there yet is no matter, one whose parents are missed is damage.</summary>
    public static void Add(Mirror mirror, IEnumerable<string> commits)
    {
        var path = Path.Combine(mirror.Folder, Name);
        var known = File.Exists(path) ? File.ReadAllLines(path).ToHashSet(StringComparer.Ordinal) : [];
        var before = known.Count;
        known.UnionWith(commits);
        if (known.Count == before) return;
        // Replaced as a whole: nobody reads half a line.
        var next = path + ".new";
        File.WriteAllLines(next, known);
        File.Move(next, path, overwrite: true);
        mirror.CloseAll();
    }
}
