using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Before the first write every changed object is dry-run on the server, and all errors are told together.</summary>
public sealed partial class TargetGrain
{
    /// <summary>False, with the failure noted, when nothing may be written.</summary>
    private async Task<bool> PreflightAsync(ClusterSession session, SyncRun run, IReadOnlyList<SyncStep> steps, CancellationToken cancellationToken)
    {
        var applies = steps.SelectMany(step => step.Applies).ToArray();
        // One object alone is its own preflight: if it is refused, nothing was applied.
        var isAlone = applies.Length == 1 && !steps.Any(step => step.Hooks.Count > 0);
        if (!run.Desired.Sync.Preflight || applies.Length == 0 || isAlone) return true;
        ShowProgress(run, $"dry run of {applies.Length} objects");
        var (refusals, failure) = await TryAllAsync(session, run, applies, cancellationToken);
        if (failure is not null)
        {
            run.Fail(ConditionTypes.PreflightFailed, $"nothing was applied: {failure}");
            return false;
        }
        var verdict = Preflight.Decide(steps, refusals);
        foreach (var (id, when) in verdict.Deferred) run.Deferred[id] = when;
        if (verdict.Blocking.Count == 0) return true;
        run.Refuse(verdict.Blocking, applies.Length);
        return false;
    }

    /// <summary>
    /// Before a stage with deferred objects is applied, everything that is still deferred is dry-run again, so that errors
    /// are met as early as they can be. False when the sync may not go on.
    /// </summary>
    /// <param name="ahead">What is still to be done, this stage first.</param>
    private async Task<bool> TryAgainAsync(ClusterSession session, SyncRun run, ApplyStage stage, IReadOnlyList<SyncStep> ahead, CancellationToken cancellationToken)
    {
        if (!stage.Applies.Any(apply => run.Deferred.TryGetValue(apply.Desired.Id, out var when) && when != Deferral.ToItsWrite)) return true;
        var again = ahead.SelectMany(step => step.Applies).Where(apply => run.Deferred.TryGetValue(apply.Desired.Id, out var when) && when != Deferral.ToItsWrite).ToArray();
        var (refusals, failure) = await TryAllAsync(session, run, again, cancellationToken);
        if (failure is not null)
        {
            run.Fail(ConditionTypes.PreflightFailed, failure);
            return false;
        }
        foreach (var apply in again) run.Deferred.Remove(apply.Desired.Id);
        var verdict = Preflight.Decide(ahead, refusals);
        foreach (var (id, when) in verdict.Deferred) run.Deferred[id] = when;
        foreach (var refusal in verdict.Blocking)
            run.Add(refusal.Apply.Desired.Id, Note(Track(refusal.Apply.Desired.Id), refusal.Apply.Desired, WriteOutcome.Failed(refusal.Message)), refusal.Apply.Desired.Position);
        return verdict.Blocking.Count == 0 || run.OnFailure == Documents.FailurePolicies.Continue;
    }

    private async Task<(IReadOnlyList<Refusal> Refusals, string? Failure)> TryAllAsync(
        ClusterSession session, SyncRun run, IReadOnlyList<PlannedApply> applies, CancellationToken cancellationToken)
    {
        if (session.State is not { Connection: { } connection, Catalog: { } catalog }) return ([], "the cluster is not connected now");
        var refusals = new List<Refusal>();
        string? failure = null;
        var ownership = new Ownership(session, _owner!, Key);
        using var room = new SemaphoreSlim(MaxInFlight);
        await Task.WhenAll(applies.Select(TryAsync));
        return (refusals, failure);

        async Task TryAsync(PlannedApply apply)
        {
            await room.WaitAsync(cancellationToken);
            try
            {
                if (failure is not null) return;
                if (ResourceOf(catalog, apply.Desired) is not { } resource)
                {
                    refusals.Add(new Refusal(apply, RefusalKind.KindUnknown, NotServed(apply.Desired.Id, apply.Desired.ApiVersion)));
                    return;
                }
                if (ownership.Refusal(apply.Desired.Id, TrackingOwner.Parse(apply.Observed?.Owner)) is { } notOurs)
                {
                    refusals.Add(new Refusal(apply, RefusalKind.NotOurs, notOurs));
                    return;
                }
                var answer = await ObjectDryRun.TryAsync(connection, resource, apply.Desired, ApplyPolicy.Of(apply.Desired.Annotations, run.Options), _owner!, cancellationToken);
                if (answer.IsSuccess) run.Tried(apply);
                else if (KindOf(answer.Error) is { } kind)
                    refusals.Add(new Refusal(apply, kind, answer.Error.Message, kind == RefusalKind.Invalid && await HasRivalsAsync(connection, resource, apply, cancellationToken)));
                else if (answer.Error.Kind != ClusterErrorKind.Conflict) failure ??= answer.Error.Message;
            }
            finally
            {
                room.Release();
            }
        }
    }

    /// <summary>Whether others own fields of the object. One that has never been ours shows in no watch.</summary>
    private static async Task<bool> HasRivalsAsync(IClusterConnection connection, ApiResource resource, PlannedApply apply, CancellationToken cancellationToken) =>
        apply.Observed?.HasRivals ?? (await connection.GetAsync(resource, apply.Desired.Id, cancellationToken)).IsSuccess;

    /// <summary>Null for errors that are not the object's.</summary>
    private static RefusalKind? KindOf(ClusterError error) => error.Kind switch
    {
        ClusterErrorKind.NotFound => RefusalKind.NotFound,
        ClusterErrorKind.Forbidden => RefusalKind.Forbidden,
        ClusterErrorKind.Invalid or ClusterErrorKind.ObjectRefused => RefusalKind.Invalid,
        ClusterErrorKind.WebhookFailed => RefusalKind.WebhookFailed,
        _ => null,
    };

    /// <summary>A dry run as an operation: what would be done, and every error there would be.</summary>
    private async Task<SyncStep?> TryOutAsync(ClusterSession session, SyncRun run, IReadOnlyList<SyncStep> steps, SyncPlan plan, CancellationToken cancellationToken)
    {
        _state.State.Operation = run.Operation;
        Announce();
        var applies = steps.SelectMany(step => step.Applies).ToArray();
        var (refusals, failure) = await TryAllAsync(session, run, applies, cancellationToken);
        var verdict = Preflight.Decide(steps, refusals);
        InventoryEntry[] prunes = run.Order.Prune ? [.. plan.PruneCandidates.Where(entry => run.Order.Includes(entry.Id))] : [];
        var hooks = steps.Sum(step => step.Hooks.Sum(stage => stage.Count));
        var (phase, message) = (failure ?? run.Failure?.Message) is { } why ? (OperationPhase.Failed, why)
            : verdict.Blocking.Count == 0 ? (OperationPhase.Succeeded, $"would apply {applies.Length} objects, run {hooks} hooks and prune {prunes.Length}{(verdict.Deferred.Count > 0 ? $"; {verdict.Deferred.Count} can be tried only in the sync" : "")}")
            : (OperationPhase.Failed, $"{verdict.Blocking.Count} of {applies.Length} objects would be refused: {string.Join("; ", verdict.Blocking.Take(5).Select(refusal => $"{refusal.Apply.Desired.Id.Display}: {refusal.Message}"))}");
        await EndAsync(run.Operation with { Objects = run.Preview(verdict, applies, prunes) }, phase, message);
        return null;
    }
}
