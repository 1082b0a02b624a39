using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>One object of a sync or a heal: written, and what the answer proves.</summary>
public sealed partial class TargetGrain
{
    private async Task ApplyOneAsync(
        ClusterSession session, SyncRun run, PlannedApply apply, AbsenceProbe absent, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken);
        var tracked = Track(apply.Desired.Id);
        if (tracked.Checking is { IsCompleted: false } checking)
            await checking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        tracked.IsBusy = true;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (write, refusal) = await TakeUnwelcomeAsync(session, apply);
            var outcome = refusal is null
                ? await WriteAsync(session, write, tracked, run.Desired.SetDigest, absent, run.Options)
                : Note(tracked, apply.Desired, WriteOutcome.Failed(refusal.Message, refusal));
            run.Add(apply.Desired.Id, outcome, apply.Desired.Position);
            if (outcome.IsSuperseded) PreEmpt(outcome.Message!);
            if (run.Done % AnnounceEvery == 0) ShowProgress(run);
        }
        finally
        {
            tracked.IsBusy = false;
            room.Release();
        }
    }

    /// <param name="set">The set that the object is of.</param>
    /// <param name="options">Of one operation; null: the document's.</param>
    private async Task<WriteOutcome> WriteAsync(
        ClusterSession session, PlannedApply apply, TrackedObject tracked, Digest set, AbsenceProbe? absent, SyncOptionSet? options = null)
    {
        var desired = apply.Desired;
        if (session.State.Catalog is not { } catalog) return Note(tracked, desired, WriteOutcome.Failed("the cluster is not connected now"));
        if (ResourceOf(catalog, desired) is not { } resource)
        {
            var missing = NotServed(desired.Id, desired.ApiVersion);
            return Note(tracked, desired, WriteOutcome.Failed(missing, new ClusterError(ClusterErrorKind.NotFound, 0, missing)));
        }
        var outcome = await WriterFor(session, set, desired, options).ApplyAsync(desired, resource, _inventory.Find(desired.Id), apply.Observed, absent?.AbsentSince(desired.Id), _stopping.Token);
        return Note(tracked, desired, outcome);
    }

    /// <summary>Takes over what a write answered: the proof, the inventory, what people read.</summary>
    /// <param name="desired">What was written: the answer proves nothing about a manifest that was handed down meanwhile.</param>
    private WriteOutcome Note(TrackedObject tracked, DesiredObject desired, WriteOutcome outcome)
    {
        tracked.Message = outcome.Message;
        tracked.Action = outcome.Action;
        if (outcome.Live is { } live) Prove(tracked, desired, live, [.. outcome.Kept, .. StillKept(tracked.Id, live)]);
        else if (outcome.Action == ApplyAction.Failed) tracked.Sync = SyncStatus.OutOfSync;
        else if (outcome is { Action: ApplyAction.Skipped, IsSuperseded: false }) NoteLeftAlone(tracked, desired);
        return outcome;
    }

    /// <summary>The object is as desired, as this answer shows, but for paths that others keep alive.</summary>
    private void Prove(TrackedObject tracked, DesiredObject desired, Engine.Resources.LiveObject live, IReadOnlyList<ForeignField> kept)
    {
        var observed = ObservedObject.From(live, full: true, _sessions.Health);
        (tracked.LastRead, tracked.LastReadEpoch) = (observed, _session?.Observe(tracked.Id).Epoch ?? 0);
        var (paths, keeper) = (kept.Select(field => field.Path).Distinct(StringComparer.Ordinal).ToArray(), kept.Count == 0 ? "" : kept[0].Manager);
        NoteKept(tracked, paths, keeper);
        tracked.Sync = tracked.Kept is not null || tracked.Desired?.Hash != desired.Hash ? SyncStatus.OutOfSync : SyncStatus.Synced;
        tracked.Drift = [];
        tracked.Foreign = ForeignFieldRules.Of(live, _state.State.Desired!.Sync.ForeignFields);
        _inventory.Set(new InventoryEntry
        {
            Id = desired.Id,
            ApiVersion = desired.ApiVersion,
            Uid = live.Uid,
            DesiredHash = desired.Hash,
            Proof = ObjectProof.Of(desired, live, observed) with { Rules = ProofRules(tracked.Id) },
            Kept = paths,
            KeptBy = keeper,
            Wishes = DeletionWish.WishesOf(desired.Annotations),
            IsPrunedLast = ObjectAnnotations.HasOption(desired.Annotations, "PruneLast=true"),
            IgnoresExtraneous = ObjectAnnotations.IgnoresExtraneous(desired.Annotations),
        });
        FlushSoon();
    }

    /// <summary>Asks Git itself: an object carries a revision that this target has not heard of.</summary>
    private async Task<bool> IsNewestAsync(Digest set, CancellationToken cancellationToken)
    {
        // Another set has been handed down, or the target let go of, while the one at hand was still being written.
        if (_state.State.Desired is not { } desired || desired.SetDigest != set) return false;
        foreach (var pinned in desired.ToSubject().Sources)
        {
            var answer = await GrainFactory.GetGrain<IRepositoryGrain>(pinned.Source.Repository).ResolveAsync(RefQuery.Of(pinned.Source), fresh: true, cancellationToken);
            if (answer.Revision is not { } newest) return false;
            if (newest.Commit == pinned.Commit) continue;
            await Listener.OnSourceChangedAsync(newest.Commit);
            return false;
        }
        return _state.State.Desired?.SetDigest == set;
    }
}
