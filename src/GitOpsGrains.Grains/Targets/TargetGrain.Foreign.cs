using GitOpsGrains.Abstractions.Status;
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

    /// <summary>Known to have what others added and is to be removed, or changed since it was known not to.</summary>
    private bool IsWidened(TrackedObject tracked) => RemovesForeign && _session is { } session
        && CurrentOf(session, tracked.Id) is { } current && _inventory.Find(tracked.Id) is { } entry && MayBeWidened(entry, current);

    /// <summary>Objects that are as Git wants them, but for fields of others that are to be removed: no proof shows it.</summary>
    private IEnumerable<PlannedApply> Widened(ClusterSession session, SyncPlan plan)
    {
        if (!RemovesForeign) return [];
        var planned = plan.Applies.Select(apply => apply.Desired.Id).ToHashSet();
        return [.. _objects.Values.Where(tracked => tracked is { Desired: not null, Sync: SyncStatus.OutOfSync, Kept: null } && !planned.Contains(tracked.Id))
            .Select(tracked => (tracked.Desired, Seen: CurrentOf(session, tracked.Id))).Where(item => item.Seen is not null)
            .Select(item => new PlannedApply(item.Desired!, ApplyReason.Heal, ProofQuestion.VersionChanged, item.Seen))];
    }

    /// <summary>
    /// Before an object is applied: unwelcome fields become ours, so that the apply removes them. Returns what to apply, or
    /// why it can't be.
    /// </summary>
    private async Task<(PlannedApply Apply, ClusterError? Error)> TakeUnwelcomeAsync(ClusterSession session, PlannedApply apply)
    {
        if (!RemovesForeign || apply.Observed is null) return (apply, null);
        if (session.State is not { Connection: { } connection, Catalog: { } catalog } || ResourceOf(catalog, apply.Desired) is not { } resource) return (apply, null);
        var read = await connection.GetAsync(resource, apply.Desired.Id, _stopping.Token);
        if (!read.IsSuccess || TrackingId.OwnerOf(read.Value) != _owner || Removable(read.Value) is not { IsEmpty: false } unwelcome) return (apply, null);
        var error = await TakeFieldsAsync(session, apply.Desired, read.Value, unwelcome);
        // The version that was seen is past.
        return (apply with { Observed = null }, error is { Kind: ClusterErrorKind.Conflict or ClusterErrorKind.NotFound } ? null : error);
    }

    /// <summary>Makes the fields ours, so that the apply that follows removes them. Returns why that was refused, or null.</summary>
    private async Task<ClusterError?> TakeFieldsAsync(ClusterSession session, DesiredObject desired, LiveObject live, FieldSet fields)
    {
        if (session.State is not { Connection: { } connection, Catalog: { } catalog } || ResourceOf(catalog, desired) is not { } resource)
            return new ClusterError(ClusterErrorKind.Unreachable, 0, "the cluster is not connected now");
        await _fence.EnsureAsync(_stopping.Token);
        return (await connection.JsonPatchAsync(resource, live.Id, ForeignTakeOver.Plan(live, fields), dryRun: false, _stopping.Token)).Error;
    }
}
