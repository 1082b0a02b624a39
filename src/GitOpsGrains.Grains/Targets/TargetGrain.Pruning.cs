using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Deleting what left Git, as far as every guard lets it.</summary>
public sealed partial class TargetGrain
{
    private static readonly TimeSpan HoldPause = TimeSpan.FromSeconds(5);

    /// <summary>Objects that the last sync was not allowed to delete: they alone make no new sync due.</summary>
    private readonly HashSet<ResourceId> _passedOver = [];

    private async Task PruneAsync(ClusterSession session, SyncRun run, SyncPlan plan, bool prune, CancellationToken cancellationToken)
    {
        foreach (var handed in plan.HandedOver)
        {
            _inventory.Remove(handed.Entry.Id);
            _objects.Remove(handed.Entry.Id);
            run.Add(handed.Entry.Id, new WriteOutcome(ApplyAction.HandedOver, null, $"{handed.Target} has it now"), null);
        }
        _state.State.Held.Clear();
        _passedOver.Clear();
        if (!prune || plan.PruneCandidates.Count == 0) return;
        var candidates = new List<PruneCandidate>();
        foreach (var entry in plan.PruneCandidates) candidates.Add(await ReadCandidateAsync(session, entry, cancellationToken));
        var approved = _state.State.Approved.ToHashSet();
        var verdicts = PruneGuards.Decide(await PruneRequestAsync(session, run, candidates, approved, cancellationToken));
        foreach (var verdict in verdicts) await CarryOutAsync(session, run, verdict, PropagationOf(run.Desired.Sync.Prune.Propagation), cancellationToken);
        _state.State.Approved.Clear();
    }

    private static async Task<PruneCandidate> ReadCandidateAsync(ClusterSession session, InventoryEntry entry, CancellationToken cancellationToken)
    {
        var state = session.State;
        if (state.Connection is null || state.Catalog?.Find(entry.Id.Group, entry.Id.Kind) is not { } resource)
            // A kind that a complete discovery does not know has no objects any more.
            return new PruneCandidate(entry, state.Catalog is { IsComplete: true } ? ReadOutcome.NotFound : ReadOutcome.Failed, null);
        var read = await state.Connection.GetAsync(resource, entry.Id, cancellationToken);
        if (read.IsSuccess)
            // An entry without uid was written before its creation; the object is ours if its annotation says so, which the guards check.
            return new PruneCandidate(entry.Uid.Length == 0 ? entry with { Uid = read.Value.Uid } : entry, ReadOutcome.Found, read.Value);
        return new PruneCandidate(entry, read.Error.Kind == ClusterErrorKind.NotFound ? ReadOutcome.NotFound : ReadOutcome.Failed, null);
    }

    private async Task<PruneRequest> PruneRequestAsync(
        ClusterSession session, SyncRun run, IReadOnlyList<PruneCandidate> candidates, HashSet<ResourceId> approved, CancellationToken cancellationToken)
    {
        var policy = run.Desired.Sync.Prune;
        // The catalog is asked anew: what it knew when the plan was made may have been incomplete or is old.
        var catalog = await session.RediscoverAsync(cancellationToken);
        var same = await session.IsSameClusterAsync(cancellationToken);
        var pending = await GrainFactory.GetGrain<IRepositoryGrain>(run.Desired.Source.Repository).UnsettledAsync(_cluster);
        var silent = session.Silent;
        return new PruneRequest
        {
            Cause = PruneCause.LeftGit,
            Owner = _owner!,
            Policy = new PrunePolicy
            {
                IsEnabled = true,
                BudgetObjects = policy.Budget.Objects,
                BudgetPercent = policy.Budget.Percent,
                ConfirmKinds = policy.ConfirmKinds.ToHashSet(StringComparer.Ordinal),
            },
            Candidates = candidates,
            InventoryCount = _inventory.Entries.Count,
            IsRenderSucceeded = true,
            DesiredCount = _built?.Objects.Count ?? 0,
            IsDiscoveryComplete = catalog is { IsComplete: true },
            IsClusterSame = same,
            PendingRenders = [.. pending.Where(application => application != $"{_project}/{_application}").Concat(silent)],
            WantedByOther = id => OtherOwner(session, id),
            IsApproved = approved.Contains,
        };
    }

    private async Task CarryOutAsync(ClusterSession session, SyncRun run, PruneVerdict verdict, Propagation propagation, CancellationToken cancellationToken)
    {
        var id = verdict.Candidate.Entry.Id;
        switch (verdict.Decision)
        {
            case PruneDecision.Gone:
                Forget(id);
                return;
            case PruneDecision.Skip when verdict.StaysInInventory:
                _passedOver.Add(id);
                var kept = Track(id);
                (kept.Sync, kept.Action, kept.Message) = (SyncStatus.OutOfSync, ApplyAction.Skipped, verdict.Reason);
                run.Add(id, new WriteOutcome(ApplyAction.Skipped, null, verdict.Reason), null);
                return;
            case PruneDecision.Skip:
                Forget(id);
                run.Add(id, new WriteOutcome(ApplyAction.Skipped, null, verdict.Reason), null);
                return;
            case PruneDecision.HandOver:
                Forget(id);
                run.Add(id, new WriteOutcome(ApplyAction.HandedOver, null, verdict.Reason), null);
                return;
            case PruneDecision.Hold:
                Hold(run, id, verdict);
                return;
            default:
                await DeleteAsync(session, run, verdict.Candidate, propagation, cancellationToken);
                return;
        }
    }

    private void Hold(SyncRun run, ResourceId id, PruneVerdict verdict)
    {
        var tracked = Track(id);
        (tracked.Sync, tracked.Action, tracked.Message) = (SyncStatus.OutOfSync, ApplyAction.Held, verdict.Reason);
        _passedOver.Add(id);
        // What only has to wait is asked again soon; what needs a person waits for the person.
        if (!verdict.NeedsApproval) ComeBack(HoldPause);
        if (verdict.NeedsApproval) _state.State.Held.Add(new HeldPrune { Id = id, Reason = verdict.Reason });
        run.Notes.Add(NewCondition(ConditionTypes.PruneHeld,
            verdict.NeedsApproval ? $"{verdict.Reason}; approve it with: gitopsctl app approve {_project}/{_application}" : verdict.Reason, id));
    }

    private async Task DeleteAsync(ClusterSession session, SyncRun run, PruneCandidate candidate, Propagation propagation, CancellationToken cancellationToken)
    {
        var (id, live) = (candidate.Entry.Id, candidate.Live!);
        await _fence.EnsureAsync(cancellationToken);
        var resource = session.State.Catalog!.Find(id.Group, id.Kind)!;
        var deleted = await session.State.Connection!.DeleteAsync(resource, id, new DeleteOptions(live.Uid, live.ResourceVersion, propagation), cancellationToken);
        if (deleted.IsSuccess && !deleted.Value.Pending || deleted.Error?.Kind == ClusterErrorKind.NotFound)
        {
            Forget(id);
            run.Add(id, new WriteOutcome(ApplyAction.Pruned, null, null), null);
            return;
        }
        var tracked = Track(id);
        tracked.Sync = SyncStatus.OutOfSync;
        _passedOver.Add(id);
        if (deleted.IsSuccess)
        {
            session.Follow(id, Key);
            // Its end may have been seen already.
            tracked.HasParkedEvents = true;
            tracked.Message = deleted.Value.Finalizers.Count == 0 ? "is being deleted" : $"is being deleted and held by the finalizers {string.Join(", ", deleted.Value.Finalizers)}";
            run.Add(id, new WriteOutcome(ApplyAction.Pruned, null, tracked.Message), null);
            // Foreground deletion holds an object only until its dependents are gone: that is no trouble yet.
            if (deleted.Value.Finalizers.Any(finalizer => finalizer is not ("foregroundDeletion" or "orphan")))
                run.Notes.Add(NewCondition(ConditionTypes.DeletionBlocked, tracked.Message, id));
            return;
        }
        run.Notes.Add(NewCondition(ConditionTypes.PruneFailed, deleted.Error!.Message, id));
        ComeBack(HoldPause);
    }

    private void Forget(ResourceId id)
    {
        _inventory.Remove(id);
        _objects.Remove(id);
        _session?.Unfollow(id, Key);
        FlushSoon();
    }

    private static Propagation PropagationOf(string policy) => policy switch
    {
        Documents.PropagationPolicies.Background => Propagation.Background,
        Documents.PropagationPolicies.Orphan => Propagation.Orphan,
        _ => Propagation.Foreground,
    };
}
