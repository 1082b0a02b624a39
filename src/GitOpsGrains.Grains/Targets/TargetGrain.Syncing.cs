using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Grains.Hosting;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Targets;

/// <summary>One sync: intent, preflight, steps in order, prune, result.</summary>
public sealed partial class TargetGrain
{
    private const int MaxInFlight = 64;
    private const int AnnounceEvery = 100;
    private const int MaxHistory = 20;

    private CancellationTokenSource? _running;
    private string? _preEmptedBy;
    private bool _terminated;

    /// <summary>A sync is about to write objects: checks and heals step back. False while it only waits for health.</summary>
    private bool _isWriting;

    /// <summary>The wait for health that ends a sync; it goes on beside the loop.</summary>
    private Task? _settling;
    private Digest _settlingSet;

    /// <summary>Why the sync is to end when its wave is done, or its hooks are.</summary>
    private string? _endsAfterWave;

    /// <summary>
    /// Ends the running sync at its next safe point: before the next object, or where hooks run, when they are done: half a
    /// migration is worse than a late one.
    /// </summary>
    private void PreEmpt(string reason, bool terminated = false)
    {
        if (_running is not { IsCancellationRequested: false } running) return;
        if (!terminated && !_hooks.IsEmpty)
        {
            _endsAfterWave ??= reason;
            return;
        }
        (_preEmptedBy, _terminated) = (reason, terminated);
        running.Cancel();
    }

    /// <summary>A newer revision ends the sync at once, or when its wave is done, as the policy says.</summary>
    private void Overtake(string reason)
    {
        if (_running is not null && _state.State.Desired?.Sync.Preemption == PreemptionPolicies.FinishWave) _endsAfterWave ??= reason;
        else PreEmpt(reason);
    }

    private async Task SyncAsync(ClusterSession session, TargetDesired desired, DesiredState built, SyncPlan plan, SyncOrder order)
    {
        plan = order.Narrow(plan);
        var chosen = plan.Applies.Concat(Widened(session, plan)).Where(apply => order.Includes(apply.Desired.Id) && (order.Everything || IsNewDemand(apply))).ToArray();
        var shared = chosen.Where(apply => OtherOwner(session, apply.Desired.Id) is not null).ToArray();
        var steps = SyncSteps.Of(order.Narrow(built), chosen.Except(shared), RunsHooks(desired, order));
        var operation = new TargetOperation
        {
            Id = order.Id,
            Phase = OperationPhase.Running,
            Started = _time.GetUtcNow(),
            Total = steps.Sum(step => step.Applies.Count()),
            Commit = desired.Revision.Commit,
            Attempt = order.Trigger == SyncTriggers.User || _attempts == int.MaxValue ? 1 : _attempts + 1,
        };
        if (!order.IsDryRun) await EndSettlingAsync();
        else if (_settling is { IsCompleted: false } settling)
            await settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        // What came while the sync before was ended: a newer state, a suspend, the end of the target.
        if (!IsCurrent(desired) || _state.State.Releasing is not null)
        {
            Work();
            return;
        }
        if (_ordered?.OperationId == order.Id) _ordered = null;
        _state.State.Operation = operation;
        var running = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        running.CancelAfter(desired.Sync.Timeout);
        (_running, _preEmptedBy, _terminated, _endsAfterWave, _isWriting) = (running, null, false, null, true);
        // A sync that a restart interrupted goes on with the names of its hooks.
        var interrupted = _state.State.Intent is { OperationId.Length: > 0 } intent && intent.SetDigest == desired.SetDigest && intent.Commit == desired.Revision.Commit ? intent : null;
        var run = new SyncRun(operation, order, desired) { HooksSince = interrupted?.Started ?? operation.Started };
        foreach (var apply in shared) NoteShared(session, run, apply);
        var last = await GuardAsync(session, run, running, () => order.IsDryRun
            ? TryOutAsync(session, run, steps, plan, running.Token)
            : RunAsync(session, run, steps, plan, running.Token));
        if (last is null) return;
        run.IsApplied = true;
        _settlingSet = desired.SetDigest;
        _settling = GuardAsync(session, run, running, () => SettleLastAsync(session, run, last, running.Token));
        Watch(_settling, "wait for health");
    }

    /// <summary>Runs a part of a sync; whatever ends it, the operation ends too, unless the part returns a step that is still to be waited for.</summary>
    private async Task<SyncStep?> GuardAsync(ClusterSession session, SyncRun run, CancellationTokenSource running, Func<Task<SyncStep?>> part)
    {
        SyncStep? last = null;
        try
        {
            return last = await part();
        }
        catch (OperationCanceledException) when (running.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            await StopAsync(session, run);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or InconsistentStateException or FencedException))
        {
            // Nobody may wait for an operation that runs no more.
            LogWorkFailed(failure, Key, "sync");
            await FailAsync(run, $"the sync stopped with an error of the program: {failure.GetType().Name}");
        }
        finally
        {
            if (last is null)
            {
                (_running, _isWriting) = (null, false);
                running.Dispose();
                ForgetHooks(session);
                // What waited for the end of this one.
                if (_endsAfterWave is not null && !_stopping.IsCancellationRequested) Work();
                _endsAfterWave = null;
            }
            LookAtParked();
        }
        return null;
    }

    /// <summary>A sync that begins, or a release, ends one that only waits for health.</summary>
    private async Task EndSettlingAsync()
    {
        if (_settling is not { IsCompleted: false } settling) return;
        PreEmpt("overtaken by another operation");
        await settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    /// <summary>Hooks run when a person asks for a sync of all, and when a revision is new here; never for a heal or a held prune.</summary>
    private bool RunsHooks(TargetDesired desired, SyncOrder order) =>
        order is { Selected: null, WithoutHooks: false } && (order.Trigger == SyncTriggers.User || _state.State.SyncedDigest != desired.SetDigest);

    private async Task<SyncStep?> RunAsync(ClusterSession session, SyncRun run, IReadOnlyList<SyncStep> steps, SyncPlan plan, CancellationToken cancellationToken)
    {
        if (run.Failure is not null)
        {
            await FinishAsync(run);
            return null;
        }
        var created = await BeginAsync(run, steps);
        if (await CreateNamespaceAsync(session, run.Desired, cancellationToken) is { } refused) run.Fail(ConditionTypes.ApplyFailed, refused);
        if (!run.HasFailed && await PreflightAsync(session, run, steps, cancellationToken))
        {
            if (await RunStepsAsync(session, run, steps, plan, cancellationToken) is { } last) return last;
            if (run.HasFailed) await RecoverAsync(session, run, cancellationToken);
        }
        else
        {
            // Nothing was written, so nothing is ours yet.
            foreach (var id in created) _inventory.Remove(id);
        }
        await FinishAsync(run);
        return null;
    }

    /// <summary>Stores what is about to be written before the first write: the intent, and the objects that are to be created, which it returns.</summary>
    private async Task<IReadOnlyList<ResourceId>> BeginAsync(SyncRun run, IReadOnlyList<SyncStep> steps)
    {
        var generation = (_state.State.Intent?.Generation ?? 0) + 1;
        _state.State.Intent = new SyncIntent
        {
            OperationId = run.Operation.Id,
            Generation = generation,
            SetDigest = run.Desired.SetDigest,
            Commit = run.Desired.Revision.Commit,
            Trigger = run.Trigger,
            Prune = run.Order.Prune,
            Started = run.HooksSince,
            Attempt = _attempts,
        };
        _state.State.Operation = run.Operation;
        var created = steps.SelectMany(step => step.Applies).Where(apply => _inventory.Find(apply.Desired.Id) is null).ToArray();
        await _inventory.GrowAsync(_inventory.Entries.Count + created.Length, records =>
        {
            _state.State.InventoryRecords = records;
            return StoreAsync();
        });
        foreach (var apply in created) _inventory.Set(new InventoryEntry { Id = apply.Desired.Id, ApiVersion = apply.Desired.ApiVersion });
        if (created.Length > 0) await _inventory.FlushAsync();
        Announce();
        return [.. created.Select(apply => apply.Desired.Id)];
    }

    /// <summary>An object that another application had first is left to it; it comes here as soon as that one lets go.</summary>
    private void NoteShared(ClusterSession session, SyncRun run, PlannedApply apply)
    {
        var (desired, tracked) = (apply.Desired, Track(apply.Desired.Id));
        var (project, application, _) = GrainKeys.ParseTarget(OtherOwner(session, desired.Id)!);
        tracked.Sync = SyncStatus.OutOfSync;
        tracked.Message = $"is desired by the application {project}/{application} too, which had it first and keeps it";
        run.Notes.Add(NewCondition(ConditionTypes.SharedObject, tracked.Message, desired.Id) with { File = desired.Position.File, Document = desired.Position.Document });
        if (run.Options.IsSet("FailOnSharedResource")) run.Fail(ConditionTypes.SharedObject, $"{desired.Id.Display} {tracked.Message}");
    }

    private void ShowProgress(SyncRun run, string message = "")
    {
        _state.State.Operation = run.Operation with { Done = run.Done, Message = message };
        Announce();
    }

    private async Task FinishAsync(SyncRun run)
    {
        _conditions = run.Conditions(_time);
        if (run.HasFailed)
        {
            await FailAsync(run, run.FirstFailure());
            return;
        }
        // A timer that runs now was set by this run: what is held comes back by it.
        _attempts = 0;
        var wasSynced = _state.State.SyncedDigest;
        await RememberSyncedAsync(run);
        // Of selected objects nothing follows for the others.
        if (run.Order.Selected is null)
        {
            _state.State.SyncedDigest = run.Desired.SetDigest;
            NoteGood(run);
        }
        await EndRunAsync(run, OperationPhase.Succeeded, "Succeeded", run.Summary(), wasSynced);
    }

    /// <summary>All is applied: the commit is what the cluster holds, healthy or not yet.</summary>
    private async Task RememberSyncedAsync(SyncRun run)
    {
        if (run.Order.Selected is not null) return;
        // The set goes to the store beside the sync; the state may name it only when it is there.
        if (_state.State.ManifestKey is null && _sets.Find(run.Desired.SetDigest) is { } set)
        {
            var key = await _sets.PersistAsync(set, _stopping.Token);
            if (_state.State.Desired?.SetDigest == run.Desired.SetDigest) _state.State.ManifestKey = key;
        }
        _state.State.SyncedCommit = run.Desired.Revision.Commit;
    }

    private async Task StopAsync(ClusterSession session, SyncRun run)
    {
        await AbandonHooksAsync(session, run);
        if (_preEmptedBy is { } reason)
        {
            // Applied, with its hooks, and only not healthy yet: none of that is done again for what came in between.
            if (run.IsApplied && !_terminated && run.Order.Selected is null && _state.State.Desired?.SetDigest == run.Desired.SetDigest)
                _state.State.SyncedDigest = run.Desired.SetDigest;
            await EndRunAsync(run, _terminated ? OperationPhase.Terminated : OperationPhase.Failed, _terminated ? "Terminated" : "Superseded", reason);
            return;
        }
        run.Fail(ConditionTypes.TimedOut, $"the sync took longer than {Documents.Json.Durations.Format(run.Desired.Sync.Timeout)}");
        if (run.OnFailure == FailurePolicies.Restore && !run.Order.IsDryRun) await RestoreTouchedAsync(session, run, _stopping.Token);
        _conditions = run.Conditions(_time);
        await FailAsync(run, run.FirstFailure());
    }

    private async Task FailAsync(SyncRun run, string message)
    {
        if (run.Order.IsDryRun)
        {
            await EndAsync(run.Operation, OperationPhase.Failed, message);
            return;
        }
        // What a person asked for anew and is applied but not healthy, or not followed by its hooks, is due again.
        if (run.Order is { Selected: null, WithoutHooks: false, Trigger: SyncTriggers.User } && _state.State.SyncedDigest == run.Desired.SetDigest) _state.State.SyncedDigest = default;
        // The failure of an older revision is none of a newer one's tries.
        var isCurrent = _state.State.Desired?.SetDigest == run.Desired.SetDigest;
        run.NextAttempt = isCurrent ? ScheduleRetry(run.Desired.Sync) : null;
        await EndRunAsync(run, OperationPhase.Failed, run.IsPartial ? "PartiallyApplied" : "Failed", message);
        if (!isCurrent) Work();
    }

    /// <param name="wasSynced">The set that was in sync before this run.</param>
    private async Task EndRunAsync(SyncRun run, OperationPhase phase, string result, string message, Digest wasSynced = default)
    {
        if (_inventory.IsDirty) await _inventory.FlushAsync();
        // What waits for others is tried again and again: only what came of it is history.
        var isHistory = run.Trigger == SyncTriggers.User || phase != OperationPhase.Succeeded || run.HasChanged || wasSynced != run.Desired.SetDigest;
        // Two records, one commit of the storage.
        var recording = isHistory ? RecordAsync(run.ToHistory(_cluster, result, phase == OperationPhase.Succeeded ? null : message, _time.GetUtcNow())) : Task.CompletedTask;
        await Task.WhenAll(recording, EndAsync(run.Operation with { NextAttempt = run.NextAttempt, Done = run.Done, Objects = run.Results() }, phase, message));
    }

    private Task RecordAsync(HistoryView entry)
    {
        _history.State.Entries.Insert(0, entry);
        if (_history.State.Entries.Count > MaxHistory) _history.State.Entries.RemoveRange(MaxHistory, _history.State.Entries.Count - MaxHistory);
        return _historyWrites.RunAsync(_history.WriteStateAsync);
    }

    private async Task EndAsync(TargetOperation operation, OperationPhase phase, string message)
    {
        if (_state.State.Intent is { } intent) intent.OperationId = "";
        _state.State.Operation = operation with { Phase = phase, Message = message, Finished = _time.GetUtcNow() };
        await StoreAsync();
        Announce();
    }

    /// <summary>When it is tried again; null: not by itself.</summary>
    private DateTimeOffset? ScheduleRetry(SyncSpec sync)
    {
        var backoff = new RetryBackoff { Limit = sync.Retry.Limit, Duration = sync.Retry.Backoff.Duration, Factor = sync.Retry.Backoff.Factor, Max = sync.Retry.Backoff.Max };
        // What was terminated stays so.
        if (_attempts == int.MaxValue || backoff.Delay(_attempts++) is not { } pause)
        {
            CancelComeBack();
            return null;
        }
        ComeBack(pause);
        return sync.Automated ? _time.GetUtcNow() + pause : null;
    }
}
