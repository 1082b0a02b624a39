using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The steps of a sync: each applied, run and healthy before the next begins.</summary>
public sealed partial class TargetGrain
{
    /// <summary>For kinds that can't be watched: they are read anew.</summary>
    private static readonly TimeSpan UnwatchedPause = TimeSpan.FromSeconds(5);

    private const int ManyMembers = 100;
    private static readonly TimeSpan BurstPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Raised when a watch reports anything of an object of this target.</summary>
    private readonly ChangeSignal _news = new();

    /// <summary>Returns the last step when all that is left is to wait for its health; null when there is nothing to wait for, or a failure.</summary>
    private async Task<SyncStep?> RunStepsAsync(
        ClusterSession session, SyncRun run, IReadOnlyList<SyncStep> steps, SyncPlan plan, CancellationToken cancellationToken)
    {
        var absent = new AbsenceProbe(session, _time);
        // A sync that changes nothing and runs nothing waits for nothing.
        var waits = steps.Any(step => step.Stages.Count > 0 || step.Hooks.Count > 0);
        var lastOfSync = steps.Count - 1;
        while (lastOfSync >= 0 && steps[lastOfSync].Phase > SyncPhase.Sync) lastOfSync--;
        if (lastOfSync < 0) await SettleAsync(session, run, plan, _ => true, cancellationToken);
        var isOptionSet = run.Options.IsSet("PruneLast");
        var prunesLater = isOptionSet || (run.Order.Prune && plan.PruneCandidates.Any(entry => entry.IsPrunedLast));
        for (var index = 0; index < steps.Count; index++)
        {
            var step = steps[index];
            if (!await RunStepAsync(session, run, [.. steps.Skip(index)], absent, cancellationToken)) return null;
            if (index == lastOfSync && !isOptionSet) await SettleAsync(session, run, plan, entry => !entry.IsPrunedLast, cancellationToken);
            if (waits && index == steps.Count - 1 && (index != lastOfSync || !prunesLater) && !run.HasFailed) return step;
            if (waits) await AwaitHealthAsync(session, run, step, isLast: index == steps.Count - 1, cancellationToken);
            if (index == lastOfSync && prunesLater) await SettleAsync(session, run, plan, entry => isOptionSet || entry.IsPrunedLast, cancellationToken);
            if (run.HasFailed && run.OnFailure != FailurePolicies.Continue) return null;
            EndAfterWave(cancellationToken);
        }
        return null;
    }

    /// <summary>
    /// The last wait of a sync goes on beside the loop: there is nothing left to write, and a rollout of minutes holds up
    /// neither checks nor the next sync.
    /// </summary>
    private async Task<SyncStep?> SettleLastAsync(ClusterSession session, SyncRun run, SyncStep last, CancellationToken cancellationToken)
    {
        await AwaitHealthAsync(session, run, last, isLast: true, cancellationToken);
        if (run.HasFailed) await RecoverAsync(session, run, cancellationToken);
        await FinishAsync(run);
        return null;
    }

    /// <summary>All is applied: what left Git goes, and the commit counts as synced.</summary>
    /// <param name="now">Whose turn to go it is.</param>
    private async Task SettleAsync(ClusterSession session, SyncRun run, SyncPlan plan, Func<InventoryEntry, bool> now, CancellationToken cancellationToken)
    {
        if (run.HasFailed) return;
        await PruneAsync(session, run, plan, now, cancellationToken);
        await RememberSyncedAsync(run);
        _conditions = run.Conditions(_time);
    }

    /// <summary>Applies the first of the steps and runs its hooks. False when the sync may not go on.</summary>
    private async Task<bool> RunStepAsync(
        ClusterSession session, SyncRun run, IReadOnlyList<SyncStep> steps, AbsenceProbe absent, CancellationToken cancellationToken)
    {
        var step = steps[0];
        var late = step.Applies.Where(apply => run.Deferred.TryGetValue(apply.Desired.Id, out var when) && when == Deferral.ToTheEndOfItsStep).ToHashSet();
        for (var index = 0; index < step.Stages.Count; index++)
        {
            IReadOnlyList<SyncStep> ahead = [step with { Stages = [.. step.Stages.Skip(index)] }, .. steps.Skip(1)];
            var now = step.Stages[index] with { Applies = [.. step.Stages[index].Applies.Where(apply => !late.Contains(apply))] };
            if (!await TryAgainAsync(session, run, now, ahead, cancellationToken)) return false;
            if (!await ApplyStageAsync(session, run, now, absent, cancellationToken)) return false;
        }
        if (late.Count > 0 && !await ApplyLateAsync(session, run, step, late, absent, cancellationToken)) return false;
        await RunHooksAsync(session, run, step, cancellationToken);
        return !run.HasFailed || run.OnFailure == FailurePolicies.Continue;
    }

    /// <summary>What admission webhooks stood against follows when the rest of its step has mended them.</summary>
    private async Task<bool> ApplyLateAsync(
        ClusterSession session, SyncRun run, SyncStep step, HashSet<PlannedApply> late, AbsenceProbe absent, CancellationToken cancellationToken)
    {
        var ids = late.Select(apply => apply.Desired.Id).ToHashSet();
        await AwaitHealthAsync(session, run, step with { Members = [.. step.Members.Where(member => !ids.Contains(member.Id))] }, isLast: false, cancellationToken);
        if (run.HasFailed) return false;
        foreach (var stage in step.Stages)
        {
            var rest = new ApplyStage(step.Wave, [.. stage.Applies.Where(late.Contains)], WaitsForEstablished: false);
            if (!await TryAgainAsync(session, run, rest, [step with { Stages = [rest] }], cancellationToken)) return false;
            if (!await ApplyStageAsync(session, run, rest, absent, cancellationToken)) return false;
        }
        return true;
    }

    private async Task<bool> ApplyStageAsync(ClusterSession session, SyncRun run, ApplyStage stage, AbsenceProbe absent, CancellationToken cancellationToken)
    {
        stage = stage with { Applies = [.. stage.Applies.Where(apply => !run.HasRefused(apply.Desired.Id))] };
        if (stage.Applies.Count == 0) return true;
        await absent.PrepareAsync(stage, cancellationToken);
        using var room = new SemaphoreSlim(MaxInFlight);
        await Task.WhenAll(stage.Applies.Select(apply => ApplyOneAsync(session, run, apply, absent, room, cancellationToken)));
        cancellationToken.ThrowIfCancellationRequested();
        if (run.HasFailed && run.OnFailure != FailurePolicies.Continue) return false;
        if (stage.WaitsForEstablished) await AwaitDefinitionsAsync(session, run, stage, cancellationToken);
        return !run.HasFailed || run.OnFailure == FailurePolicies.Continue;
    }

    /// <summary>Waits until all objects of a step are healthy. Meanwhile drift is looked at and repaired as ever.</summary>
    private async Task AwaitHealthAsync(ClusterSession session, SyncRun run, SyncStep step, bool isLast, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        _isWriting = false;
        LookAtParked();
        try
        {
            for (var told = ""; ;)
            {
                var news = _news.Next;
                var verdict = HealthGate.Check(step.Members.Where(member => IsWaitedFor(session, member) && !run.HasRefused(member.Id)).Select(member => MemberOf(session, member.Id)), isLast);
                if (verdict.IsOpen) return;
                if (verdict.Failed is { } failed)
                {
                    run.Fail(ConditionTypes.HealthCheckFailed, failed);
                    return;
                }
                var left = run.Desired.Sync.HealthTimeout - _time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero)
                {
                    run.Fail(ConditionTypes.HealthCheckFailed, $"{step.Display} was not healthy within {Durations.Format(run.Desired.Sync.HealthTimeout)}: {verdict.WaitsFor}{(verdict.Waiting > 1 ? $" (and {verdict.Waiting - 1} more)" : "")}");
                    return;
                }
                var message = $"{step.Display} waits for {verdict.Waiting} objects: {verdict.WaitsFor}";
                if (message != told) ShowProgress(run, told = message);
                if (!await WaitAsync(news, left < UnwatchedPause ? left : UnwatchedPause, cancellationToken)) await ReadUnwatchedAsync(session, step, cancellationToken);
                // News come in bursts, and each look is at all objects.
                else if (step.Members.Count > ManyMembers) await Task.Delay(BurstPause, _time, cancellationToken);
            }
        }
        finally
        {
            _isWriting = !isLast;
        }
    }

    /// <summary>Waits for what others do. Meanwhile drift is looked at and repaired as ever.</summary>
    private async Task WhileNothingIsWrittenAsync(Func<Task> wait)
    {
        var wasWriting = _isWriting;
        _isWriting = false;
        LookAtParked();
        try
        {
            await wait();
        }
        finally
        {
            _isWriting = wasWriting;
        }
    }

    /// <summary>False when nothing came within the time.</summary>
    private async Task<bool> WaitAsync(Task news, TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            await news.WaitAsync(longest, _time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>What another application has, or an annotation leaves to somebody else, is not ours to wait for.</summary>
    private bool IsWaitedFor(ClusterSession session, DesiredObject member) => OtherOwner(session, member.Id) is null && PolicyOf(member).IsCompared;

    private GateMember MemberOf(ClusterSession session, ResourceId id)
    {
        var current = CurrentOf(session, id);
        return new GateMember(id, current?.Health, current is not null);
    }

    private async Task ReadUnwatchedAsync(ClusterSession session, SyncStep step, CancellationToken cancellationToken)
    {
        foreach (var member in step.Members.Where(member => !session.Observe(member.Id).IsWatched))
        {
            if (session.State is not { IsReady: true, Connection: { } connection, Catalog: { } catalog } || ResourceOf(catalog, member) is not { } resource) return;
            var read = await connection.Checks.GetAsync(resource, member.Id, cancellationToken);
            if (read.IsSuccess && _objects.TryGetValue(member.Id, out var tracked)) tracked.LastRead = ObservedObject.From(read.Value, full: true, _sessions.Health);
        }
    }

    /// <summary>The safe point between two waves.</summary>
    private void EndAfterWave(CancellationToken cancellationToken)
    {
        if (_endsAfterWave is not { } reason) return;
        _endsAfterWave = null;
        PreEmpt(reason);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void LookAtParked()
    {
        foreach (var tracked in _objects.Values.Where(tracked => tracked.HasParkedEvents)) ((Clusters.ITargetEvents)this).OnObjectChanged(tracked.Id);
    }

    /// <summary>After a failure: the manifests of before where the policy says so, then the hooks of SyncFail.</summary>
    private async Task RecoverAsync(ClusterSession session, SyncRun run, CancellationToken cancellationToken)
    {
        if (run.OnFailure == FailurePolicies.Restore) await RestoreTouchedAsync(session, run, cancellationToken);
        if (run.Order.Selected is not null || _built is not { } built || run.IsRefused) return;
        foreach (var step in SyncSteps.OfHooks(built, SyncPhase.SyncFail)) await RunHooksAsync(session, run, step, cancellationToken);
    }
}
