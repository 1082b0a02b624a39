using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Engine.Plan;

/// <summary>Objects whose deletion may begin at once. A group begins when all of the groups before it are gone.</summary>
/// <param name="Deletions">In order: of a kind that comes later in a sync first.</param>
/// <param name="InTheWay">Not deleted by this round, but the next group waits for their end: their deletion began before, or a person is to approve it.</param>
public sealed record PruneGroup(int Wave, IReadOnlyList<PruneCandidate> Deletions, IReadOnlyList<PruneCandidate> InTheWay);

/// <summary>
/// The order of deletions: Argo CD's waves mirrored, the highest first, and within a wave the kinds of a sync reversed.
/// Definitions come after the other objects of their wave, namespaces after those, each not before what needs them: so an
/// object that is held by a finalizer holds back the definition or namespace that its end needs.
/// </summary>
public static class PruneOrder
{
    /// <param name="verdicts">Of <see cref="PruneGuards"/>.</param>
    public static IReadOnlyList<PruneGroup> Of(IReadOnlyList<PruneVerdict> verdicts, PruneCause cause)
    {
        var taking = verdicts.Where(verdict => verdict.Decision == PruneDecision.Prune || IsInTheWay(verdict, cause)).ToArray();
        if (taking.Length == 0) return [];
        var waves = Waves(taking);
        return [.. taking
            .GroupBy(verdict => (Wave: waves[verdict.Candidate.Entry.Id], Tier: TierOf(verdict.Candidate.Entry.Id)))
            .OrderByDescending(group => group.Key.Wave).ThenBy(group => group.Key.Tier)
            .Select(group => new PruneGroup(
                group.Key.Wave,
                [.. Ordered(group.Where(verdict => verdict.Decision == PruneDecision.Prune))],
                [.. Ordered(group.Where(verdict => verdict.Decision != PruneDecision.Prune))]))];
    }

    /// <summary>
    /// A deletion that began holds up what comes after it. What only waits for a person holds up the rest where all is to go
    /// with the application; of a prune the rest goes on.
    /// </summary>
    private static bool IsInTheWay(PruneVerdict verdict, PruneCause cause) =>
        verdict.Decision == PruneDecision.Hold && (verdict.Candidate.Live is { IsDeleting: true } || cause == PruneCause.TargetDeleted);

    private static IEnumerable<PruneCandidate> Ordered(IEnumerable<PruneVerdict> verdicts) => verdicts
        .Select(verdict => verdict.Candidate)
        .OrderBy(candidate => candidate.Entry.Id, Comparer<ResourceId>.Create(ApplyOrder.CompareReversed));

    /// <summary>By the live annotations; a namespace or a definition takes the lowest wave of what needs it.</summary>
    private static Dictionary<ResourceId, int> Waves(PruneVerdict[] verdicts)
    {
        var waves = verdicts.ToDictionary(verdict => verdict.Candidate.Entry.Id, verdict => WaveOf(verdict.Candidate));
        foreach (var container in waves.Keys.Where(id => TierOf(id) > 0).ToArray())
        {
            var inside = waves.Where(entry => Contains(container, entry.Key)).Select(entry => entry.Value).ToArray();
            if (inside.Length > 0) waves[container] = Math.Min(waves[container], inside.Min());
        }
        return waves;
    }

    private static int WaveOf(PruneCandidate candidate) =>
        candidate.Live is { } live ? ObjectAnnotations.Wave(LiveAnnotations.Of(live)) : 0;

    private static int TierOf(ResourceId id) => ApplyOrder.IsNamespace(id) ? 2 : ApplyOrder.IsDefinition(id) ? 1 : 0;

    /// <summary>
    /// Deleting <paramref name="container"/> deletes <paramref name="id"/> with it: a namespace takes all that is in it, a
    /// definition all objects of its group (which of its kinds it defines is not in its name: rather too many than too few).
    /// </summary>
    public static bool Contains(ResourceId container, ResourceId id)
    {
        if (ApplyOrder.IsNamespace(container)) return id.Namespace == container.Name;
        if (!ApplyOrder.IsDefinition(container) || ApplyOrder.IsDefinition(id)) return false;
        var dot = container.Name.IndexOf('.', StringComparison.Ordinal);
        return dot >= 0 && id.Group == container.Name[(dot + 1)..];
    }
}
