using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Fields that others added beside ours, where the policy is to remove them.</summary>
public sealed partial class TargetGrain
{
    private bool RemovesForeign => _state.State.Desired?.Sync.ForeignFields == ForeignFieldPolicies.Remove;

    /// <summary>Empty unless the policy is to remove.</summary>
    private FieldSet Removable(LiveObject live) => RemovesForeign ? RemovableFields.Of(live, IgnoresOf(live.Id)) : FieldSet.Empty;

    /// <summary>A field beside ours need not show in a proof, so every write to an object is a question where such fields are removed.</summary>
    private bool MayBeWidened(InventoryEntry entry, ObservedObject current) => RemovesForeign && entry.Proof?.ResourceVersion != current.ResourceVersion;

    /// <summary>Makes the fields ours, so that the apply that follows removes them. Returns why that was refused, or null.</summary>
    private async Task<ClusterError?> TakeFieldsAsync(ClusterSession session, DesiredObject desired, LiveObject live, FieldSet fields)
    {
        if (session.State is not { Connection: { } connection, Catalog: { } catalog } || ResourceOf(catalog, desired) is not { } resource)
            return new ClusterError(ClusterErrorKind.Unreachable, 0, "the cluster is not connected now");
        await _fence.EnsureAsync(_stopping.Token);
        return (await connection.JsonPatchAsync(resource, live.Id, ForeignTakeOver.Plan(live, fields), dryRun: false, _stopping.Token)).Error;
    }
}
