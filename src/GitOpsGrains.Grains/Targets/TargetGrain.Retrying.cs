using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// The tries of one sync: between them the operation stays Running and says what it waits for. It ends when a try succeeds,
/// when the limit is reached, or when something overtakes it.
/// </summary>
public sealed partial class TargetGrain
{
    private IGrainTimer? _nextTry;

    /// <summary>The operation that is under way; null between the tries.</summary>
    private string? _tried;

    /// <summary>The sync that is to be tried again and is not under way.</summary>
    private OngoingSync? Waiting => _state.State.Ongoing is { } ongoing && ongoing.Operation.Id != _tried ? ongoing : null;

    /// <summary>After a restart: what was under way, or waited for its next try, goes on.</summary>
    private void TakeUpOngoing()
    {
        var state = _state.State;
        if (state.Ongoing is { } ongoing && state is { Desired: { } desired, Releasing: null } && ongoing.IsOf(desired))
        {
            _attempts = ongoing.Failures;
            if (state.Operation?.Id == ongoing.Operation.Id) state.Operation = ongoing.Operation;
            // By a clock that may have been set since, or be another silo's: no pause is longer than the longest.
            if (ongoing.NextAttempt is { } due) TryAt(due, desired.Sync.Retry.Backoff.Max);
        }
        else
        {
            state.Ongoing = null;
            if (state.Intent is { } intent) intent.OperationId = "";
        }
        if (state.Operation is { IsOver: false } interrupted && interrupted.Id != state.Ongoing?.Operation.Id)
            state.Operation = interrupted with { Phase = OperationPhase.Failed, Message = "interrupted", Finished = _time.GetUtcNow() };
    }

    /// <summary>What is to be synced now: what was asked for, what is to be tried again, or what is due by itself.</summary>
    private async Task<SyncOrder?> NextOrderAsync(TargetDesired desired, DesiredState built, SyncPlan plan)
    {
        if (Ordered is { } order)
        {
            if (!order.DryRun && !order.WithoutHooks) await EndWaitingAsync("Superseded", "overtaken by a sync that was asked for");
            return SyncOrder.Of(order, built.Objects.Select(item => item.Id).Concat(_inventory.Entries.Keys));
        }
        if (Waiting is { } waiting) return await MayTryAsync(waiting, desired) ? waiting.ToOrder() : null;
        return IsDue(desired, plan)
            ? new SyncOrder(Abstractions.Applications.OperationIds.New($"{_project}/{_application}"), SyncTriggers.Commit, desired.Sync.Prune.Enabled, Everything: false)
            : null;
    }

    private async Task<bool> MayTryAsync(OngoingSync waiting, TargetDesired desired)
    {
        if (waiting.Terminated is { } terminated)
        {
            _attempts = int.MaxValue;
            await EndWaitingAsync("Terminated", terminated, OperationPhase.Terminated);
            return false;
        }
        if (!waiting.IsOf(desired))
        {
            await EndWaitingAsync("Superseded", desired.Suspended ? "suspended" : $"overtaken by {desired.Revision.Commit}");
            return false;
        }
        if (waiting.Trigger != SyncTriggers.User)
        {
            // What begins by itself follows the document as it is now.
            waiting.Prune = desired.Sync.Prune.Enabled;
            if (!desired.Sync.Automated)
            {
                await EndWaitingAsync("Superseded", "the application is automated no more");
                return false;
            }
        }
        if (waiting.NextAttempt > _time.GetUtcNow()) return false;
        if (waiting.OverrideWindow) return true;
        if (waiting.Trigger != SyncTriggers.User) return !WaitsForWindow();
        if (BlockedByWindow(manual: true) is not { } blocked) return true;
        await EndWaitingAsync("Failed", blocked.Message);
        return false;
    }

    /// <summary>How long after its failure a run is tried again; null: not any more.</summary>
    private TimeSpan? PauseAfter(SyncRun run)
    {
        // What was terminated stays so; what left another sync waiting is tried once.
        if (_attempts == int.MaxValue || _state.State is not { Ongoing: { } ongoing, Desired.Suspended: false, Releasing: null } || ongoing.Operation.Id != run.Operation.Id) return null;
        var retry = run.Desired.Sync.Retry;
        var backoff = new RetryBackoff { Limit = retry.Limit, Duration = retry.Backoff.Duration, Factor = retry.Backoff.Factor, Max = retry.Backoff.Max };
        var pause = backoff.Delay(_attempts++);
        // Some objects that a person picked say nothing of the rest.
        if (pause is null && run.Order.Selected is not null) _attempts = 0;
        return pause;
    }

    /// <summary>The try is over, the operation is not.</summary>
    private async Task PauseAsync(SyncRun run, string cause, TimeSpan pause)
    {
        var ongoing = _state.State.Ongoing!;
        var due = _time.GetUtcNow() + pause;
        (ongoing.Failures, ongoing.Cause, ongoing.NextAttempt) = (_attempts, cause, due);
        ongoing.Operation = run.Operation with
        {
            Attempt = _attempts + 1,
            NextAttempt = due,
            Done = run.Done,
            Objects = run.Results(),
            Message = $"{RetryOf(run.Desired.Sync.Retry)} in {Durations.Format(pause)}: {cause}",
        };
        _state.State.Operation = ongoing.Operation;
        // From here on it waits: whatever overtakes it now ends it.
        _tried = null;
        ForgetIntent(run.Operation.Id);
        TryAt(due, pause);
        _past.Record(run.ToHistory(_cluster, run.AttemptResult, cause, _time.GetUtcNow()));
        await StoreOutcomeAsync();
        Announce();
    }

    /// <summary>Ends what waits for its next try; nothing when nothing does.</summary>
    private async Task EndWaitingAsync(string result, string reason, OperationPhase phase = OperationPhase.Failed)
    {
        if (Waiting is not { } waiting) return;
        var message = waiting.Cause.Length == 0 ? reason : $"{reason}; the last try failed: {waiting.Cause}";
        if (_past.Find(waiting.Operation.Id) is { } entry)
        {
            Instruments.SyncEnded(result, _time.GetUtcNow() - waiting.Operation.Started);
            _past.Replace(entry with { Result = result, Error = message, Finished = _time.GetUtcNow() });
        }
        await EndAsync(waiting.Operation with { NextAttempt = null, Attempt = Math.Max(1, waiting.Failures) }, phase, message);
    }

    /// <summary>What the try that is due has to wait for: it is not counted, and begins when it can.</summary>
    private void NoteWaits(string reason)
    {
        if (Waiting is not { } waiting || waiting.NextAttempt > _time.GetUtcNow() || _state.State.Desired is not { } desired) return;
        waiting.Operation = waiting.Operation with { NextAttempt = null, Message = $"{RetryOf(desired.Sync.Retry)} waits: {reason}" };
        if (_retry is null) ComeBack(FailurePause);
        if (_state.State.Operation?.Id == waiting.Operation.Id) _state.State.Operation = waiting.Operation;
    }

    private string RetryOf(RetrySpec retry) => _attempts == 0 ? "the sync" : retry.Limit < 0 ? $"retry {_attempts}" : $"retry {_attempts} of {retry.Limit}";

    /// <summary>The next round may try at once: what stood in the way is gone.</summary>
    private void TryNow()
    {
        CancelComeBack();
        if (Waiting is not { } waiting) return;
        waiting.NextAttempt = null;
        ForgetNextTry();
    }

    private void TryAt(DateTimeOffset due, TimeSpan longest)
    {
        ForgetNextTry();
        var wait = due - _time.GetUtcNow();
        if (wait > longest) wait = longest;
        _nextTry = this.RegisterGrainTimer(_ =>
        {
            ForgetNextTry();
            // Timers are not as exact as the clock.
            if (Waiting is { } waiting) waiting.NextAttempt = null;
            Work();
            return Task.CompletedTask;
        }, new GrainTimerCreationOptions(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
    }

    private void ForgetNextTry()
    {
        _nextTry?.Dispose();
        _nextTry = null;
    }
}
