using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// What is in sync is known to be so without its manifests: a target that wakes up takes its desired state from its inventory, and
/// reads the manifests when something is to be written, compared by a dry run, or shown (decision 41).
/// </summary>
public sealed partial class TargetGrain
{
    /// <summary>Until this activation ends: what has been read once is kept.</summary>
    private bool _needsBodies;

    /// <summary>A round that brings them was ordered and has not begun.</summary>
    private bool _isBringing;

    private bool _isSealUnstored;

    /// <summary>Null where the manifests are needed, to know what is desired or to do what is due.</summary>
    private DesiredState? OutlineOf(ClusterSession session, TargetDesired desired, ApiCatalog catalog, TrackingOwner owner)
    {
        var state = _state.State;
        // What no store has is better missed while all is well.
        if (_needsBodies || state is not { Ordered: null, Ongoing: null, Releasing: null, ManifestKey: not null } || state.SyncedDigest != desired.SetDigest) return null;
        var outline = InventoryOutline.Open(state.InventorySeal, SourceOf(desired, owner), _inventory.Entries, catalog);
        // What is not allowed is said with its place in the manifests.
        return outline is not null && NotAllowed(session, desired, outline).Count == 0 ? outline : null;
    }

    /// <summary>Another round, with the manifests: it looks at all objects, whatever brought it.</summary>
    private void BringBodies()
    {
        (_hasLooked, _needsBodies) = (false, true);
        // What can't be had or built now is tried again in its own time.
        if (_isBringing || _built is not { IsOutline: true }) return;
        _isBringing = true;
        Work();
    }

    /// <summary>The bodies of what runs, before a newer revision is looked at: should that be no good, what runs is healed as ever.</summary>
    private async Task BringRunningAsync(ApiCatalog catalog, TrackingOwner owner)
    {
        if (_state.State.LastGood is not { ManifestKey: { } key } good || good.SetDigest != _builtFrom.Set) return;
        try
        {
            if (await _sets.LoadAsync(good.SetDigest, key, _stopping.Token) is not { } set) return;
            var running = DesiredState.Build(set, catalog, _builtFrom.Namespace, owner, previous: null, new SyncOptionSet(_builtOptions));
            if (running.Faults.Count > 0 || _built is not { IsOutline: true }) return;
            (_built, _needsBodies) = (running, true);
            TakeOverDesired(running, good.SetDigest);
        }
        catch (InvalidDataException damaged)
        {
            LogSetDamaged(damaged, Key);
        }
    }

    /// <summary>After a sync of all: what the next activation may go by.</summary>
    private void SealInventory(TargetDesired desired) =>
        _state.State.InventorySeal = _built is { } built && _owner is { } owner && _builtFrom.Set == desired.SetDigest && _builtFrom.Namespace == desired.Namespace
            ? InventoryOutline.Seal(built, SourceOf(desired, owner), _inventory.Entries) : default;

    /// <summary>Of another build of the program, or where the inventory came right later; stored with the state, or by the next deep check: not by all targets at once.</summary>
    private void SealIfSynced(TargetDesired desired)
    {
        if (_built is not { IsOutline: false } || _state.State.SyncedDigest != desired.SetDigest) return;
        var before = _state.State.InventorySeal;
        SealInventory(desired);
        _isSealUnstored |= _state.State.InventorySeal != before;
    }

    private static OutlineSource SourceOf(TargetDesired desired, TrackingOwner owner) => new(desired.SetDigest, desired.Namespace, owner);
}
