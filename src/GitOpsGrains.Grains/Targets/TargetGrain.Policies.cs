using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>How the objects of this target are written.</summary>
public sealed partial class TargetGrain
{
    private (IReadOnlyList<string> Names, SyncOptionSet Set)? _syncOptions;

    private SyncOptionSet Options
    {
        get
        {
            var names = _state.State.Desired?.Sync.Options ?? [];
            if (_syncOptions is not { } known || !ReferenceEquals(known.Names, names)) _syncOptions = known = (names, new SyncOptionSet(names));
            return known.Set;
        }
    }

    /// <summary>By the manifest and the application; a live object may say more (<see cref="Engine.Diff.LivePolicy"/>).</summary>
    private ApplyPolicy PolicyOf(DesiredObject desired) => ApplyPolicy.Of(desired.Annotations, Options);

    /// <summary>Objects that an annotation takes out of our hands: in sync whatever they say, and no base for a sync.</summary>
    private void NoteIgnored(DesiredState built)
    {
        foreach (var item in built.Objects)
        {
            if (item.Annotations.Count == 0 || PolicyOf(item) is not { IsIgnored: true } policy) continue;
            var tracked = Track(item.Id);
            (tracked.Sync, tracked.Action, tracked.Message, tracked.Drift) = (SyncStatus.Synced, ApplyAction.Skipped, policy.Reason, []);
        }
    }

    /// <summary>
    /// An annotation on the live object forbids to write it: in sync, and no new demand. Without a proof every write to it is a
    /// question, so that the end of that is seen.
    /// </summary>
    private void NoteLeftAlone(TrackedObject tracked, DesiredObject desired)
    {
        (tracked.Sync, tracked.Drift) = (SyncStatus.Synced, []);
        var known = _inventory.Find(desired.Id) ?? new InventoryEntry { Id = desired.Id };
        _inventory.Set(known with { ApiVersion = desired.ApiVersion, DesiredHash = desired.Hash, Proof = null });
        FlushSoon();
    }

    /// <param name="set">The set that is written.</param>
    /// <param name="options">Of one operation; null: the document's.</param>
    private ObjectWriter WriterFor(ClusterSession session, Digest set, DesiredObject desired, SyncOptionSet? options = null) =>
        new(session, _fence, _owner!, Key, token => IsNewestAsync(set, token), _time)
        {
            Options = options ?? Options,
            Adjust = AdjustmentOf(desired),
            Propagation = PropagationOf(_state.State.Desired?.Sync.Prune.Propagation ?? Documents.PropagationPolicies.Background),
        };
}
