using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Plan;

public enum ApplyReason
{
    /// <summary>The cluster does not have it.</summary>
    Create,
    /// <summary>The manifest changed, or an object that exists comes under this target's care.</summary>
    Update,
    /// <summary>The manifest is as applied, but the object may have drifted: look first (<see cref="PlannedApply.Question"/>).</summary>
    Heal,
}

/// <param name="Question">What its proof asks; None where the manifest changed.</param>
/// <param name="Observed">What the watch shows, or null if it is not there.</param>
public sealed record PlannedApply(
    DesiredObject Desired, ApplyReason Reason, ProofQuestion Question, ObservedObject? Observed);

/// <summary>Objects of a step that can be applied at once. A stage begins when the one before it is applied.</summary>
/// <param name="WaitsForEstablished">Definitions: the next stage needs their kinds to be served.</param>
public sealed record ApplyStage(int Wave, IReadOnlyList<PlannedApply> Applies, bool WaitsForEstablished);

/// <param name="Target">Text of the owner that wants the object now.</param>
public sealed record HandedOverEntry(InventoryEntry Entry, string Target);

/// <param name="Applies">In order of id.</param>
/// <param name="Unchanged">Objects that are proven to be in sync.</param>
/// <param name="PruneCandidates">Left the desired state, in order of deletion. None is deleted before <see cref="PruneGuards"/> says so.</param>
/// <param name="HandedOver">Left the desired state, but another target of the cluster wants them.</param>
public sealed record SyncPlan(
    IReadOnlyList<PlannedApply> Applies,
    int Unchanged,
    IReadOnlyList<InventoryEntry> PruneCandidates,
    IReadOnlyList<HandedOverEntry> HandedOver)
{
    /// <summary>Desired state and cluster are equal, as far as proofs tell.</summary>
    public bool IsEmpty => Applies.Count == 0 && PruneCandidates.Count == 0 && HandedOver.Count == 0;
}
