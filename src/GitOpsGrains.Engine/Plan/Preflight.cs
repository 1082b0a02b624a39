using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Plan;

/// <summary>What a refused dry run says, as far as the decision rests on it.</summary>
public enum RefusalKind
{
    /// <summary>The cluster does not serve the kind (yet).</summary>
    KindUnknown,
    /// <summary>404: the namespace, or something that the object refers to.</summary>
    NotFound,
    /// <summary>403: a quota, RBAC, an admission controller.</summary>
    Forbidden,
    /// <summary>400, 422 and 500 that are the object's fault.</summary>
    Invalid,
    /// <summary>An admission webhook did not answer.</summary>
    WebhookFailed,
    /// <summary>Another application or installation has it: nothing in a sync changes that.</summary>
    NotOurs,
}

/// <param name="Message">The server's own words.</param>
/// <param name="IsCuredByTakeOver">
/// The object is live and other managers own fields of it: whether it is refused shows only when their entries are taken over.
/// </param>
public sealed record Refusal(PlannedApply Apply, RefusalKind Kind, string Message, bool IsCuredByTakeOver = false);

public enum Deferral
{
    /// <summary>It is tried again when its step comes.</summary>
    ToItsStep,
    /// <summary>It is tried again when the rest of its step is applied and healthy.</summary>
    ToTheEndOfItsStep,
    /// <summary>Only the write itself can tell.</summary>
    ToItsWrite,
}

/// <param name="Blocking">Errors that nothing in the sync can cure: nothing is written.</param>
/// <param name="Deferred">Objects whose errors something earlier in the same sync may cure.</param>
public sealed record PreflightVerdict(IReadOnlyList<Refusal> Blocking, IReadOnlyDictionary<ResourceId, Deferral> Deferred)
{
    public static PreflightVerdict Passed { get; } = new([], new Dictionary<ResourceId, Deferral>());
}

/// <summary>Decides whether a sync may begin after all its objects were dry-run.</summary>
public static class Preflight
{
    /// <param name="steps">What is still to be done, in order.</param>
    public static PreflightVerdict Decide(IReadOnlyList<SyncStep> steps, IReadOnlyList<Refusal> refusals)
    {
        if (refusals.Count == 0) return PreflightVerdict.Passed;
        var turns = new Dictionary<ResourceId, Turn>();
        for (var step = 0; step < steps.Count; step++)
            foreach (var apply in steps[step].Applies)
                turns[apply.Desired.Id] = new Turn(step, ApplyOrder.Rank(apply.Desired.Id));
        var hooks = steps.SelectMany((step, index) => step.Hooks.SelectMany(stage => stage).Select(hook => (hook.Id, Step: index))).ToArray();
        var blocking = new List<Refusal>();
        var deferred = new Dictionary<ResourceId, Deferral>();
        foreach (var refusal in refusals)
        {
            if (DeferralOf(refusal, turns, hooks) is { } deferral) deferred[refusal.Apply.Desired.Id] = deferral;
            else blocking.Add(refusal);
        }
        return new PreflightVerdict(blocking, deferred);
    }

    private static Deferral? DeferralOf(Refusal refusal, Dictionary<ResourceId, Turn> turns, (ResourceId Id, int Step)[] hooks)
    {
        var id = refusal.Apply.Desired.Id;
        var own = turns[id];
        var isAdmission = PreflightCures.IsOfWebhook(refusal);
        // A hook may make what others need: a namespace, a definition. In its own step it comes after the objects.
        if (hooks.Any(hook => hook.Step < own.Step && PreflightCures.MayCure(hook.Id, refusal))) return Deferral.ToItsStep;
        var inTheSameStep = false;
        foreach (var (other, turn) in turns)
        {
            if (other == id || !PreflightCures.MayCure(other, refusal)) continue;
            if (turn.Step < own.Step || (turn.Step == own.Step && turn.Rank < own.Rank && !isAdmission)) return Deferral.ToItsStep;
            // The kind order puts webhook configurations last; what they stand against can wait for them.
            inTheSameStep |= isAdmission && turn.Step == own.Step;
        }
        if (inTheSameStep) return Deferral.ToTheEndOfItsStep;
        return refusal is { IsCuredByTakeOver: true, Kind: RefusalKind.Invalid } && !PreflightCures.IsOfImmutableField(refusal) ? Deferral.ToItsWrite : null;
    }

    private readonly record struct Turn(int Step, int Rank);
}
