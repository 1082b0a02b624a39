using GitOpsGrains.Abstractions;
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

    private CancellationTokenSource? _running;
    private string? _preEmptedBy;
    private bool _terminated;

    /// <summary>The operation that ended last: whoever asked for it may read of it when another has begun.</summary>
    private TargetOperation? _ended;

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
        // Claims move while the sync before is ended: what is left to another one now is left to it in this sync.
        var shared = chosen.Select(apply => (Apply: apply, Owner: OtherOwner(session, apply.Desired.Id)!)).Where(item => item.Owner is not null).ToArray();
        var steps = SyncSteps.Of(order.Narrow(built), chosen.Except(shared.Select(item => item.Apply)), RunsHooks(desired, order));
        var again = _state.State.Ongoing is { } before && before.Operation.Id == order.Id;
        if (!order.IsDryRun) await EndSettlingAsync();
        else if (_settling is { IsCompleted: false } settling)
            await settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        // What came while the sync before was ended: a newer state, a suspend, the end of the target.
        if (!IsCurrent(desired) || _state.State.Releasing is not null || IsOvertaken(order, again))
        {
            Work();
            return;
        }
        if (Ordered?.OperationId == order.Id) Ordered = null;
        var operation = Begin(order, desired, steps);
        var now = _time.GetUtcNow();
        var running = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        running.CancelAfter(desired.Sync.Timeout);
        (_running, _tried, _preEmptedBy, _terminated, _endsAfterWave, _isWriting) = (running, order.Id, null, false, null, true);
        // A sync that a restart interrupted goes on with the names of its hooks.
        var interrupted = _state.State.Intent is { OperationId.Length: > 0 } intent && intent.OperationId == order.Id ? intent : null;
        var run = new SyncRun(operation, order, desired) { HooksSince = interrupted?.Started ?? now, HooksBefore = interrupted?.Hooks ?? [], HooksOf = interrupted?.Commit ?? desired.Revision.Commit };
        foreach (var (apply, other) in shared) NoteShared(run, apply, other);
        if (!order.Prune) ForgetNeverMade(plan);
        var last = await GuardAsync(session, run, running, () => order.IsDryRun
            ? TryOutAsync(session, run, steps, plan, running.Token)
            : RunAsync(session, run, steps, plan, running.Token));
        if (last is null) return;
        run.IsApplied = true;
        _settlingSet = desired.SetDigest;
        _settling = GuardAsync(session, run, running, () => SettleLastAsync(session, run, last, running.Token));
        Watch(_settling, "wait for health");
    }

    /// <summary>While the sync before it was ended: it was ended itself, refused, or another one has begun to wait.</summary>
    private bool IsOvertaken(SyncOrder order, bool again)
    {
        if (again && _state.State.Ongoing?.Operation.Id != order.Id) return true;
        if (_orderRefused is not null && Ordered?.OperationId == order.Id) return true;
        return !order.IsDryRun && !order.WithoutHooks && Waiting is { } other && other.Operation.Id != order.Id;
    }

    /// <summary>The operation, as it begins or is tried again.</summary>
    private TargetOperation Begin(SyncOrder order, TargetDesired desired, IReadOnlyList<SyncStep> steps)
    {
        var ongoing = _state.State.Ongoing is { } again && again.Operation.Id == order.Id ? again : null;
        var isTriedOnce = order.IsDryRun || order.WithoutHooks;
        if (ongoing is null && order.Trigger == SyncTriggers.User && !isTriedOnce) _attempts = 0;
        var operation = new TargetOperation
        {
            Id = order.Id,
            Phase = OperationPhase.Running,
            Started = ongoing?.Operation.Started ?? _time.GetUtcNow(),
            Total = steps.Sum(step => step.Applies.Count()),
            Commit = desired.Revision.Commit,
            Attempt = isTriedOnce || _attempts == int.MaxValue ? 1 : _attempts + 1,
        };
        _state.State.Operation = operation;
        // A dry run writes nothing that a window could stand against.
        _runsAs = (order.Trigger == SyncTriggers.User, order.OverrideWindow || order.IsDryRun);
        // A sync that waits for its next try is none of theirs to end.
        if (isTriedOnce) return operation;
        ForgetNextTry();
        _state.State.Ongoing = ongoing ?? OngoingSync.Of(order, operation, desired);
        (_state.State.Ongoing.Operation, _state.State.Ongoing.NextAttempt) = (operation, null);
        return operation;
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
        catch (StorageFailedException failure) when (!run.HasEnded && _state.State.Ongoing is { } ongoing && ongoing.Operation.Id == run.Operation.Id)
        {
            // No try of the sync: it goes on from where it is as soon as the storage takes it.
            LogWorkFailed(failure, Key, "sync");
            var message = $"waits for the storage: {failure.Message}";
            ongoing.Operation = _state.State.Operation = run.Operation with { Done = run.Done, Message = message };
            _past.Record(run.ToHistory(_cluster, run.AttemptResult, message, _time.GetUtcNow()));
            if (_retry is null) ComeBack(FailurePause);
            Announce();
        }
        catch (Exception failure) when (!run.HasEnded && failure is not (OperationCanceledException or InconsistentStateException or FencedException))
        {
            // Nobody may wait for an operation that runs no more.
            LogWorkFailed(failure, Key, "sync");
            await FailAsync(run, $"the sync stopped with an error of the program: {failure.GetType().Name}");
        }
        finally
        {
            if (last is null)
            {
                (_running, _tried, _isWriting) = (null, null, false);
                running.Dispose();
                ForgetHooks(session);
                // What waited for the end of this one, and what it need not write.
                if ((_endsAfterWave is not null || !_hasLooked) && !_stopping.IsCancellationRequested) Work();
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
            Commit = run.HooksOf,
            Started = run.HooksSince,
            Hooks = [.. run.HooksBefore],
        };
        _state.State.Operation = run.Operation;
        var created = steps.SelectMany(step => step.Applies).Where(apply => _inventory.Find(apply.Desired.Id) is null).ToArray();
        await HoldAsync([.. created.Select(apply => new InventoryEntry { Id = apply.Desired.Id, ApiVersion = apply.Desired.ApiVersion })]);
        // Most syncs have ended by then, and say that.
        AnnounceSoon();
        return [.. created.Select(apply => apply.Desired.Id)];
    }

    /// <summary>An object that another application had first is left to it; it comes here as soon as that one lets go.</summary>
    private void NoteShared(SyncRun run, PlannedApply apply, string other)
    {
        var (desired, tracked) = (apply.Desired, Track(apply.Desired.Id));
        var (project, application, _) = GrainKeys.ParseTarget(other);
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
}
