using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>What an application says of targets that it could give nothing, which these do not know themselves. Pure.</summary>
internal static class WaitingTargets
{
    /// <summary>The targets with why they wait; one that was never given anything is there with that alone.</summary>
    public static IReadOnlyList<TargetView> AddTo(IReadOnlyList<TargetView> targets, IReadOnlyList<TargetView> waiting)
    {
        if (waiting.Count == 0) return targets;
        var why = waiting.ToDictionary(item => item.Cluster, StringComparer.Ordinal);
        var known = targets.Select(target => target.Cluster).ToHashSet(StringComparer.Ordinal);
        return [.. targets.Select(target => why.TryGetValue(target.Cluster, out var item) ? Merge(target, item) : target), .. waiting.Where(item => !known.Contains(item.Cluster))];
    }

    private static TargetView Merge(TargetView target, TargetView waiting) =>
        target with { Sync = waiting.Sync, Message = waiting.Message, Conditions = [.. waiting.Conditions, .. target.Conditions] };
}
