using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Paths that left Git and stay in the cluster, since another manager applied them too: out of sync until it lets go.</summary>
public sealed partial class TargetGrain
{
    /// <param name="manager">Of the first path; "" if it is not known.</param>
    private void NoteKept(TrackedObject tracked, IReadOnlyList<string> paths, string manager)
    {
        var message = paths.Count == 0 ? null : ForeignFields.DescribeKept(paths[0], manager.Length > 0 ? manager : "another manager");
        if (tracked.Kept?.Message != message) tracked.Kept = message is null ? null : NewCondition(ConditionTypes.KeptByOther, message, tracked.Id);
        tracked.Message = message;
    }

    /// <summary>
    /// Whoever keeps a path alive lets go of it in a write that the proof need not show: a label is no content, and nothing
    /// of ours. So every write to such an object is a question.
    /// </summary>
    private static bool MayBeLetGo(TrackedObject tracked, InventoryEntry entry, ObservedObject current) =>
        tracked.Kept is not null && entry.Proof?.ResourceVersion != current.ResourceVersion;

    /// <summary>Of the paths that others kept alive before, those that they still do.</summary>
    private IReadOnlyList<ForeignField> StillKept(ResourceId id, LiveObject live) =>
        _inventory.Find(id) is { Kept.Count: > 0 } entry ? ForeignFields.StillOf(live, entry.Kept) : [];
}
