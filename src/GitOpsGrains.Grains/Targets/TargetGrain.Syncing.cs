using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Grains.Hosting;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Targets;

/// <summary>One sync: intent, stages in order, prune, result.</summary>
public sealed partial class TargetGrain
{
    private const int MaxInFlight = 64;
    private const int AnnounceEvery = 100;
    private const int MaxHistory = 20;

    private CancellationTokenSource? _running;
    private string? _preEmptedBy;
    private bool _terminated;

    /// <summary>Ends the running sync at its next safe point: before the next object.</summary>
    private void PreEmpt(string reason, bool terminated = false)
    {
        if (_running is not { IsCancellationRequested: false } running) return;
        (_preEmptedBy, _terminated) = (reason, terminated);
        running.Cancel();
    }

    private async Task SyncAsync(
        ClusterSession session, TargetDesired desired, SyncPlan plan, string id, string trigger, bool prune, bool everything)
    {
        _ordered = null;
        var stages = plan.Stages.Select(stage => stage with
            {
                Applies = [.. stage.Applies.Where(apply => (everything || IsNewDemand(apply)) && OtherOwner(session, apply.Desired.Id) is null)],
            }).Where(stage => stage.Applies.Count > 0).ToArray();
        var operation = new TargetOperation
        {
            Id = id,
            Phase = OperationPhase.Running,
            Started = _time.GetUtcNow(),
            Total = stages.Sum(stage => stage.Applies.Count),
            Commit = desired.Revision.Commit,
        };
        if (trigger == "dry-run")
        {
            await EndAsync(operation, OperationPhase.Succeeded, $"would apply {operation.Total} objects and prune {plan.PruneCandidates.Count}");
            return;
        }
        using var running = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        running.CancelAfter(desired.Sync.Timeout);
        (_running, _preEmptedBy, _terminated) = (running, null, false);
        var run = new SyncRun(operation, trigger, desired);
        foreach (var shared in plan.Applies.Where(apply => OtherOwner(session, apply.Desired.Id) is not null)) NoteShared(session, run, shared);
        try
        {
            await BeginAsync(run, stages, prune);
            await CreateNamespaceAsync(session, desired, running.Token);
            await ApplyStagesAsync(session, run, stages, running.Token);
            if (!run.HasFailed) await PruneAsync(session, run, plan, prune, running.Token);
            await FinishAsync(run);
        }
        catch (OperationCanceledException) when (running.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            await StopAsync(run);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or InconsistentStateException or FencedException))
        {
            // Nobody may wait for an operation that runs no more.
            LogWorkFailed(failure, Key, "sync");
            await FailAsync(run, $"the sync stopped with an error of the program: {failure.GetType().Name}");
        }
        finally
        {
            _running = null;
            foreach (var tracked in _objects.Values.Where(tracked => tracked.HasParkedEvents)) ((ITargetEvents)this).OnObjectChanged(tracked.Id);
        }
    }

    /// <summary>Stores what is about to be written before the first write: the intent, and the objects that are to be created.</summary>
    private async Task BeginAsync(SyncRun run, IReadOnlyList<ApplyStage> stages, bool prune)
    {
        var generation = (_state.State.Intent?.Generation ?? 0) + 1;
        _state.State.Intent = new SyncIntent
        {
            OperationId = run.Operation.Id,
            Generation = generation,
            SetDigest = run.Desired.SetDigest,
            Commit = run.Desired.Revision.Commit,
            Trigger = run.Trigger,
            Prune = prune,
            Started = run.Operation.Started,
            Attempt = _attempts,
        };
        _state.State.Operation = run.Operation;
        var created = stages.SelectMany(stage => stage.Applies).Where(apply => _inventory.Find(apply.Desired.Id) is null).ToArray();
        await _inventory.GrowAsync(_inventory.Entries.Count + created.Length, records =>
        {
            _state.State.InventoryRecords = records;
            return StoreAsync();
        });
        foreach (var apply in created) _inventory.Set(new InventoryEntry { Id = apply.Desired.Id, ApiVersion = apply.Desired.ApiVersion });
        if (created.Length > 0) await _inventory.FlushAsync();
        Announce();
    }

    private async Task ApplyStagesAsync(ClusterSession session, SyncRun run, IReadOnlyList<ApplyStage> stages, CancellationToken cancellationToken)
    {
        var absent = new AbsenceProbe(session, _time);
        foreach (var stage in stages)
        {
            await absent.PrepareAsync(stage, cancellationToken);
            using var room = new SemaphoreSlim(MaxInFlight);
            await Task.WhenAll(stage.Applies.Select(apply => ApplyOneAsync(session, run, apply, absent, room, cancellationToken)));
            cancellationToken.ThrowIfCancellationRequested();
            if (run.HasFailed && run.Desired.Sync.OnFailure != FailurePolicies.Continue) return;
            if (stage.WaitsForEstablished) await AwaitDefinitionsAsync(session, run, stage, cancellationToken);
        }
    }

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
            var outcome = await WriteAsync(session, apply, tracked, run.Desired.SetDigest, absent);
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
    private async Task<WriteOutcome> WriteAsync(ClusterSession session, PlannedApply apply, TrackedObject tracked, Digest set, AbsenceProbe? absent)
    {
        var desired = apply.Desired;
        if (session.State.Catalog is not { } catalog) return Note(tracked, desired, WriteOutcome.Failed("the cluster is not connected now"));
        if (ResourceOf(catalog, desired) is not { } resource)
            return Note(tracked, desired, WriteOutcome.Failed($"the cluster serves no {desired.Id.Kind} in {desired.ApiVersion}"));
        var writer = new ObjectWriter(session, _fence, _owner!, Key, token => IsNewestAsync(set, token), _time) { Adjust = AdjustmentOf(desired) };
        var outcome = await writer.ApplyAsync(desired, resource, _inventory.Find(desired.Id), apply.Observed, absent?.AbsentSince(desired.Id), _stopping.Token);
        return Note(tracked, desired, outcome);
    }

    /// <summary>An object that another application had first is left to it; it comes here as soon as that one lets go.</summary>
    private void NoteShared(ClusterSession session, SyncRun run, PlannedApply apply)
    {
        var (desired, tracked) = (apply.Desired, Track(apply.Desired.Id));
        var (project, application, _) = GrainKeys.ParseTarget(OtherOwner(session, desired.Id)!);
        tracked.Sync = SyncStatus.OutOfSync;
        tracked.Message = $"is desired by the application {project}/{application} too, which had it first and keeps it";
        run.Notes.Add(NewCondition(ConditionTypes.SharedObject, tracked.Message, desired.Id) with { File = desired.Position.File, Document = desired.Position.Document });
    }

    /// <summary>Takes over what a write answered: the proof, the inventory, what people read.</summary>
    /// <param name="desired">What was written: the answer proves nothing about a manifest that was handed down meanwhile.</param>
    private WriteOutcome Note(TrackedObject tracked, Engine.Desired.DesiredObject desired, WriteOutcome outcome)
    {
        tracked.Message = outcome.Message;
        tracked.Action = outcome.Action;
        if (outcome.Live is { } live) Prove(tracked, desired, live, [.. outcome.Kept, .. StillKept(tracked.Id, live)]);
        else if (outcome.Action == ApplyAction.Failed) tracked.Sync = SyncStatus.OutOfSync;
        return outcome;
    }

    /// <summary>The object is as desired, as this answer shows, but for paths that others keep alive.</summary>
    private void Prove(TrackedObject tracked, Engine.Desired.DesiredObject desired, Engine.Resources.LiveObject live, IReadOnlyList<ForeignField> kept)
    {
        var observed = ObservedObject.From(live, full: true);
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
        });
        FlushSoon();
    }

    /// <summary>Asks Git itself: an object carries a revision that this target has not heard of.</summary>
    private async Task<bool> IsNewestAsync(Digest set, CancellationToken cancellationToken)
    {
        // Another set has been handed down, or the target let go of, while the one at hand was still being written.
        if (_state.State.Desired is not { } desired || desired.SetDigest != set) return false;
        var answer = await GrainFactory.GetGrain<IRepositoryGrain>(desired.Source.Repository).ResolveAsync(desired.Source.Ref, fresh: true, cancellationToken);
        if (answer.Revision is not { } newest) return false;
        if (newest.Commit == desired.Revision.Commit) return _state.State.Desired?.SetDigest == set;
        await Listener.OnSourceChangedAsync(newest.Commit);
        return false;
    }

    private void ShowProgress(SyncRun run)
    {
        _state.State.Operation = run.Operation with { Done = run.Done };
        Announce();
    }

    private async Task FinishAsync(SyncRun run)
    {
        if (!run.HasFailed)
        {
            // A timer that runs now was set by this run: what is held comes back by it.
            _attempts = 0;
            // The set goes to the store beside the sync; the state may name it only when it is there.
            if (_state.State.ManifestKey is null && _sets.Find(run.Desired.SetDigest) is { } set)
            {
                var key = await _sets.PersistAsync(set, _stopping.Token);
                if (_state.State.Desired!.SetDigest == run.Desired.SetDigest) _state.State.ManifestKey = key;
            }
            var wasSynced = _state.State.SyncedDigest;
            (_state.State.SyncedCommit, _state.State.SyncedDigest) = (run.Desired.Revision.Commit, run.Desired.SetDigest);
            _conditions = run.Conditions(_time);
            await EndRunAsync(run, OperationPhase.Succeeded, "Succeeded", run.Summary(), wasSynced);
            return;
        }
        _conditions = run.Conditions(_time);
        await FailAsync(run, run.FirstFailure());
    }

    private async Task StopAsync(SyncRun run)
    {
        if (_preEmptedBy is { } reason)
        {
            await EndRunAsync(run, _terminated ? OperationPhase.Terminated : OperationPhase.Failed, _terminated ? "Terminated" : "Superseded", reason);
            return;
        }
        _conditions = [NewCondition(ConditionTypes.TimedOut, $"the sync took longer than {Documents.Json.Durations.Format(run.Desired.Sync.Timeout)}")];
        await FailAsync(run, _conditions[0].Message);
    }

    private async Task FailAsync(SyncRun run, string message)
    {
        await EndRunAsync(run, OperationPhase.Failed, run.IsPartial ? "PartiallyApplied" : "Failed", message);
        ScheduleRetry(run.Desired.Sync.Retry);
    }

    /// <param name="wasSynced">The set that was in sync before this run.</param>
    private async Task EndRunAsync(SyncRun run, OperationPhase phase, string result, string message, Digest wasSynced = default)
    {
        if (_inventory.IsDirty) await _inventory.FlushAsync();
        // What waits for others is tried again and again: only what came of it is history.
        if (run.Trigger == "user" || phase != OperationPhase.Succeeded || run.HasChanged || wasSynced != run.Desired.SetDigest)
            await RecordAsync(run.ToHistory(_cluster, result, phase == OperationPhase.Succeeded ? null : message, _time.GetUtcNow()));
        await EndAsync(run.Operation with { Done = run.Done }, phase, message);
    }

    private Task RecordAsync(HistoryView entry)
    {
        _history.State.Entries.Insert(0, entry);
        if (_history.State.Entries.Count > MaxHistory) _history.State.Entries.RemoveRange(MaxHistory, _history.State.Entries.Count - MaxHistory);
        return _history.WriteStateAsync();
    }

    private async Task EndAsync(TargetOperation operation, OperationPhase phase, string message)
    {
        if (_state.State.Intent is { } intent) intent.OperationId = "";
        _state.State.Operation = operation with { Phase = phase, Message = message, Finished = _time.GetUtcNow() };
        await StoreAsync();
        Announce();
    }

    private void ScheduleRetry(RetrySpec retry)
    {
        var backoff = new RetryBackoff { Limit = retry.Limit, Duration = retry.Backoff.Duration, Factor = retry.Backoff.Factor, Max = retry.Backoff.Max };
        // What was terminated stays so.
        if (_attempts < int.MaxValue && backoff.Delay(_attempts++) is { } pause) ComeBack(pause);
        else CancelComeBack();
    }
}
