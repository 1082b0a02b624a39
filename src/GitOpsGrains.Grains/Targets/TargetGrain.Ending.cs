using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>How a sync ends, and what is remembered of it.</summary>
public sealed partial class TargetGrain
{
    /// <summary>An operation has ended, and neither the state nor the history says so yet.</summary>
    private bool _isEndUnstored;

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
        await RememberSyncedAsync(run);
        // Of selected objects nothing follows for the others.
        await EndRunAsync(run, OperationPhase.Succeeded, "Succeeded", run.Summary(), isSynced: run.Order.Selected is null);
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
            var isSynced = run.IsApplied && !_terminated && run.Order.Selected is null && _state.State.Desired?.SetDigest == run.Desired.SetDigest;
            await EndRunAsync(run, _terminated ? OperationPhase.Terminated : OperationPhase.Failed, _terminated ? "Terminated" : "Superseded", reason, isSynced);
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
        if (isCurrent && PauseAfter(run) is { } pause)
        {
            await PauseAsync(run, message, pause);
            return;
        }
        await EndRunAsync(run, OperationPhase.Failed, run.AttemptResult, message);
        if (!isCurrent || _attempts == 0) Work();
    }

    /// <param name="isSynced">All of the set is applied: it is not due any more.</param>
    private async Task EndRunAsync(SyncRun run, OperationPhase phase, string result, string message, bool isSynced = false)
    {
        var wasSynced = _state.State.SyncedDigest;
        if (isSynced)
        {
            _state.State.SyncedDigest = run.Desired.SetDigest;
            SealInventory(run.Desired);
        }
        if (isSynced && phase == OperationPhase.Succeeded) NoteGood(run);
        // What waits for others is tried again and again: only what came of it is history.
        var isHistory = run.Trigger == SyncTriggers.User || phase != OperationPhase.Succeeded || run.HasChanged || wasSynced != run.Desired.SetDigest
            || _past.Find(run.Operation.Id) is not null;
        if (isHistory)
        {
            Instruments.SyncEnded(result, _time.GetUtcNow() - run.Operation.Started);
            _past.Record(run.ToHistory(_cluster, result, phase == OperationPhase.Succeeded ? null : message, _time.GetUtcNow()));
        }
        run.HasEnded = true;
        await EndAsync(run.Operation with { Done = run.Done, Objects = run.Results() }, phase, message);
    }

    private async Task EndAsync(TargetOperation operation, OperationPhase phase, string message)
    {
        ForgetIntent(operation.Id);
        if (_state.State.Ongoing?.Operation.Id == operation.Id) _state.State.Ongoing = null;
        _state.State.Operation = _ended = operation with { Phase = phase, Message = message, Finished = _time.GetUtcNow() };
        await StoreEndAsync();
    }

    /// <summary>Where the storage refuses it, the next round stores the end as it was before it does anything else.</summary>
    private async Task StoreEndAsync()
    {
        _isEndUnstored = true;
        await StoreOutcomeAsync();
        _isEndUnstored = false;
        Announce();
    }

    /// <summary>The state goes last, so that it does not say of objects that they are synced whose entries are not stored.</summary>
    private async Task StoreOutcomeAsync()
    {
        if (!_inventory.IsInState) await FlushAsync();
        await Task.WhenAll(_past.SpillAsync(), StoreAsync());
    }

    /// <summary>Nothing is under way that a restart would go on with.</summary>
    private void ForgetIntent(string operation)
    {
        if (_state.State.Intent is { } intent && intent.OperationId == operation) intent.OperationId = "";
    }
}
