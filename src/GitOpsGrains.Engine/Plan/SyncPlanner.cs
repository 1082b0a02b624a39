using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Plan;

/// <summary>Decides what a sync has to do, from values alone.</summary>
public static class SyncPlanner
{
    /// <param name="state">Without faults.</param>
    /// <param name="observed">What the cluster holds; null where the object is not there. Must be current.</param>
    /// <param name="wantedByOther">The owner (text) of another target on this cluster that desires the object, or null.</param>
    /// <param name="options">The application's: an object that a policy ignores is never applied.</param>
    public static SyncPlan Plan(
        DesiredState state,
        IReadOnlyDictionary<ResourceId, InventoryEntry> inventory,
        Func<ResourceId, ObservedObject?> observed,
        Func<ResourceId, string?> wantedByOther,
        SyncOptionSet? options = null)
    {
        var desired = state.Objects;
        var applies = new List<PlannedApply>();
        var known = 0;
        foreach (var manifest in desired)
        {
            var entry = inventory.GetValueOrDefault(manifest.Id);
            if (entry is not null) known++;
            if (ApplyPolicy.Of(manifest.Annotations, options ?? SyncOptionSet.None).IsIgnored) continue;
            if (Apply(manifest, entry, observed(manifest.Id)) is { } apply) applies.Add(apply);
        }

        var left = known == inventory.Count ? [] : inventory.Values.ExceptBy(desired.Select(manifest => manifest.Id), entry => entry.Id);
        var candidates = new List<InventoryEntry>();
        var handedOver = new List<HandedOverEntry>();
        foreach (var entry in left.Order(Comparer<InventoryEntry>.Create((left, right) => ApplyOrder.CompareReversed(left.Id, right.Id))))
        {
            // What is left out of this sync has not left Git.
            if (state.LeftOut.Contains(entry.Id)) continue;
            if (wantedByOther(entry.Id) is { } target) handedOver.Add(new HandedOverEntry(entry, target));
            else candidates.Add(entry);
        }

        return new SyncPlan(applies, desired.Count - applies.Count, candidates, handedOver);
    }

    private static PlannedApply? Apply(DesiredObject desired, InventoryEntry? entry, ObservedObject? observed)
    {
        if (observed is null) return new PlannedApply(desired, ApplyReason.Create, ProofQuestion.None, null);
        if (entry is null || entry.DesiredHash != desired.Hash)
            return new PlannedApply(desired, ApplyReason.Update, ProofQuestion.None, observed);
        // A proof of another manifest proves nothing about this one.
        var proof = entry.Proof is { } stored && stored.Desired == desired.Hash ? stored : null;
        var question = ProofCheck.Compare(proof, observed);
        return question == ProofQuestion.None ? null : new PlannedApply(desired, ApplyReason.Heal, question, observed);
    }
}
