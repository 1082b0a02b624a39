using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Sets, or why there are none.</summary>
internal sealed record ClusterRendersResult
{
    public IReadOnlyList<ClusterSet> Sets { get; init; } = [];

    /// <summary>By cluster that waits and has no set, why.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Condition>> Waiting { get; init; } = new Dictionary<string, IReadOnlyList<Condition>>();
    public bool AsksCluster { get; init; }

    /// <summary>Of those that wait, some wait for nothing that anybody will tell: it has to be tried again.</summary>
    public bool MayComeRight { get; init; }

    /// <summary>Why there is no set at all; empty when there is one.</summary>
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>The same with clusters that were not rendered for, for whom a set of all clusters is none.</summary>
    /// <param name="clusters">All others.</param>
    public ClusterRendersResult Without(IReadOnlyDictionary<string, IReadOnlyList<Condition>> refused, IReadOnlyList<string> clusters) => refused.Count == 0 ? this : this with
    {
        Sets = [.. Sets.Select(set => set.Clusters.Count == 0 ? set with { Clusters = clusters } : set)],
        Waiting = Waiting.Concat(refused).ToDictionary(StringComparer.Ordinal),
    };

    public static ClusterRendersResult Failed(IReadOnlyList<Condition> conditions) => new() { Conditions = conditions };
}
