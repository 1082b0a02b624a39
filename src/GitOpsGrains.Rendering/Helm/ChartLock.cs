using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// Which version of a dependency is meant: what the chart's lock file says, or else the one that the chart names. Helm compares a
/// checksum of both files; here the version has to be in the range, so that what is fetched is also what helm renders. Pure.
/// </summary>
internal static class ChartLock
{
    public const string Name = "Chart.lock";

    /// <summary>Of charts of the old format.</summary>
    public const string OldName = "requirements.lock";

    private const string OutOfStep = $"stands in {Name} with no such version (run helm dependency update and commit the file)";

    /// <param name="locked">Null when the chart has no lock file.</param>
    /// <returns>The dependency with one exact version, or what is wrong with it.</returns>
    public static (ChartDependency? Pinned, string? Fault) Pin(ChartDependency dependency, TreeMap? locked)
    {
        if (locked is null)
        {
            return ChartFile.IsExact(dependency)
                ? (dependency, null)
                : (null, $"has a range of versions and there is no {Name}: what it means would change without a commit");
        }
        VersionRange? range = null;
        if (!ChartFile.IsExact(dependency) && !VersionRange.TryParse(dependency.Version.Length == 0 ? "*" : dependency.Version, out range))
            return (null, "has a range of versions that can't be read: write the exact version");
        var entry = ChartFile.DependenciesOf(locked).FirstOrDefault(item =>
            item.Name == dependency.Name && item.Repository == dependency.Repository && ChartFile.IsExact(item)
            && (range?.Contains(item.Version) ?? Bare(item) == Bare(dependency)));
        return entry is null ? (null, OutOfStep) : (entry, null);
    }

    private static string Bare(ChartDependency dependency) => dependency.Version.TrimStart('v');
}
