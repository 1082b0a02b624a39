using System.Globalization;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Plan;

public enum PruneDecision
{
    /// <summary>Delete it, with its uid and resourceVersion as preconditions.</summary>
    Prune,
    /// <summary>Not now; it stays in the inventory and is asked again.</summary>
    Hold,
    /// <summary>Not by us; it lives on (<see cref="PruneVerdict.StaysInInventory"/>).</summary>
    Skip,
    /// <summary>Another target has it or wants it; it leaves the inventory and lives on.</summary>
    HandOver,
    /// <summary>It does not exist any more; it leaves the inventory.</summary>
    Gone,
}

/// <param name="Reason">For people; "" for Prune and Gone.</param>
/// <param name="NeedsApproval">Hold only: approval would let it pass.</param>
/// <param name="HandOverTo">HandOver only: the owner's text.</param>
public sealed record PruneVerdict(
    PruneCandidate Candidate, PruneDecision Decision, string Reason, bool NeedsApproval = false, string? HandOverTo = null)
{
    /// <summary>Still ours: held, or kept by an annotation that may go away. (What is pruned stays until it is gone.)</summary>
    public bool StaysInInventory { get; init; } = Decision is PruneDecision.Hold or PruneDecision.Prune;
}

/// <summary>Decides what may be deleted. Whatever is not clearly ours, wanted away and safe to delete is not deleted.</summary>
public static class PruneGuards
{
    /// <summary>One verdict for each candidate, in order of deletion.</summary>
    public static IReadOnlyList<PruneVerdict> Decide(PruneRequest request)
    {
        var stop = Stop(request);
        var verdicts = request.Candidates
            .OrderBy(candidate => candidate.Entry.Id, Comparer<ResourceId>.Create(ApplyOrder.CompareReversed))
            .Select(candidate => Decide(request, candidate, stop))
            .ToList();
        return WithoutWhatTheyHold(request, request.Cause == PruneCause.LeftGit ? WithinBudget(request, verdicts) : verdicts);
    }

    /// <summary>What forbids every deletion, or null.</summary>
    private static string? Stop(PruneRequest request)
    {
        if (!request.IsClusterSame) return "the cluster is not the one that the objects were applied to";
        if (!request.IsDiscoveryComplete) return "the cluster could not tell all its kinds";
        if (request.Silent.Count > 0) return $"not all applications of the cluster have said yet what they desire ({string.Join(", ", request.Silent.Take(3))})";
        if (request.Cause == PruneCause.TargetDeleted) return null;
        if (!request.IsRenderSucceeded) return "the manifests could not be rendered";
        if (!request.Policy.IsEnabled) return "pruning is off";
        return request.PendingRenders.Count == 0
            ? null
            : $"not all applications of the commit are rendered yet ({string.Join(", ", request.PendingRenders.Take(3))})";
    }

    private static PruneVerdict Decide(PruneRequest request, PruneCandidate candidate, string? stop)
    {
        if (!request.IsClusterSame) return Hold(candidate, stop!);
        if (request.IsDesired(candidate.Entry.Id)) return Hold(candidate, "it is desired again");
        if (request.WantedByOther(candidate.Entry.Id) is { } other) return HandOver(candidate, other);
        if (candidate.Outcome == ReadOutcome.Failed) return Hold(candidate, "it could not be read");
        if (candidate.Outcome == ReadOutcome.NotFound)
            // With half of the cluster's kinds "not found" says nothing.
            return request.IsDiscoveryComplete ? new PruneVerdict(candidate, PruneDecision.Gone, "") : Hold(candidate, stop!);
        if (stop is not null) return Hold(candidate, stop);
        return NotOurs(request, candidate, candidate.Live!) ?? Kept(request, candidate, candidate.Live!);
    }

    private static PruneVerdict? NotOurs(PruneRequest request, PruneCandidate candidate, LiveObject live)
    {
        if (live.Id != candidate.Entry.Id) return Skip(candidate, "the server answered with another object");
        var owner = TrackingId.OwnerOf(live);
        if (owner is not null && owner != request.Owner) return HandOver(candidate, owner.ToString());
        if (owner is null) return Skip(candidate, $"it does not carry {Tracking.TargetAnnotation} for this target");
        if (candidate.Entry.Uid.Length == 0 || live.Uid != candidate.Entry.Uid) return Skip(candidate, "it was deleted and made again by somebody else");
        return live.IsDeleting ? Hold(candidate, "its deletion began and is not finished") : null;
    }

    private static PruneVerdict Kept(PruneRequest request, PruneCandidate candidate, LiveObject live)
    {
        if (candidate.Entry.IsCreatedNamespace) return Skip(candidate, "a namespace made by CreateNamespace is never pruned");
        if (request.DesiredWithin(candidate.Entry.Id) is { } within) return TakesOthers(request, candidate, $"{within} is desired and would be deleted with it");
        var wish = DeletionWish.Of(request.Cause, live, candidate.Entry.Wishes, request.Options);
        if (wish.Word == DeletionWord.Keep) return Skip(candidate, wish.Reason) with { StaysInInventory = true };
        if (request.IsApproved(candidate.Entry.Id)) return new PruneVerdict(candidate, PruneDecision.Prune, "");
        if (request.NamedByOther(candidate.Entry.Id) is { } named)
            return request.Cause == PruneCause.TargetDeleted
                ? Skip(candidate, $"it stands in the manifests of {named}")
                : Hold(candidate, $"it stands in the manifests of {named}, which does not apply it now", needsApproval: true);
        if (wish.Word == DeletionWord.Confirm && !IsConfirmed(request, candidate.Entry.Id, wish, live)) return Hold(candidate, wish.Reason, needsApproval: true);
        if (request.Cause == PruneCause.TargetDeleted) return new PruneVerdict(candidate, PruneDecision.Prune, "");
        if (request.DesiredCount == 0 && !request.Policy.AllowEmpty) return Hold(candidate, "the render is empty", needsApproval: true);
        return request.Policy.ConfirmKinds.Contains(candidate.Entry.Id.Kind)
            ? Hold(candidate, $"deleting a {candidate.Entry.Id.Kind} asks for approval", needsApproval: true)
            : new PruneVerdict(candidate, PruneDecision.Prune, "");
    }

    /// <summary>An approval by annotation counts from the second in which the prune was first held.</summary>
    private static bool IsConfirmed(PruneRequest request, ResourceId id, DeletionWish wish, LiveObject live) =>
        wish.AcceptsAnnotation && request.HeldSince(id) is { } since && DeletionWish.ApprovedAt(live) is { } at
        && at.ToUnixTimeSeconds() >= since.ToUnixTimeSeconds();

    /// <summary>No approval helps. A prune waits until nobody needs it; an application that goes away leaves it behind.</summary>
    private static PruneVerdict TakesOthers(PruneRequest request, PruneCandidate candidate, string reason) =>
        request.Cause == PruneCause.TargetDeleted ? Skip(candidate, reason) : Hold(candidate, reason);

    /// <summary>A namespace or a definition would take with it what the other verdicts leave alone.</summary>
    private static List<PruneVerdict> WithoutWhatTheyHold(PruneRequest request, List<PruneVerdict> verdicts)
    {
        var left = verdicts.Where(verdict => verdict.Decision is PruneDecision.Skip or PruneDecision.HandOver
            || (verdict.Decision == PruneDecision.Hold && verdict.Candidate.Live is not { IsDeleting: true })).ToArray();
        if (left.Length + request.Staying.Count == 0) return verdicts;
        return [.. verdicts.Select(verdict => verdict.Decision == PruneDecision.Prune ? HeldBy(request, verdict.Candidate, left) ?? verdict : verdict)];
    }

    private static PruneVerdict? HeldBy(PruneRequest request, PruneCandidate container, PruneVerdict[] left)
    {
        var id = container.Entry.Id;
        if (Array.Find(left, other => PruneOrder.Contains(id, other.Candidate.Entry.Id)) is { } inside)
            return inside.Decision == PruneDecision.Hold
                ? Hold(container, $"{inside.Candidate.Entry.Id.Display} is held and would be deleted with it")
                : Stays(inside.Candidate.Entry.Id);
        foreach (var other in request.Staying)
            if (PruneOrder.Contains(id, other)) return Stays(other);
        return null;

        PruneVerdict Stays(ResourceId other) => TakesOthers(request, container, $"{other.Display} stays and would be deleted with it");
    }

    private static List<PruneVerdict> WithinBudget(PruneRequest request, List<PruneVerdict> verdicts)
    {
        // What could not be read now would be deleted by the next round: a budget is not spent in portions.
        var count = verdicts.Count(verdict => verdict.Decision == PruneDecision.Prune || verdict is { Decision: PruneDecision.Hold, Candidate.Outcome: ReadOutcome.Failed });
        if (count <= request.Policy.BudgetObjects || count * 100L <= (long)request.Policy.BudgetPercent * request.InventoryCount) return verdicts;
        var reason = string.Create(CultureInfo.InvariantCulture,
            $"{count} of {request.InventoryCount} objects would be deleted, more than {request.Policy.BudgetObjects} and more than {request.Policy.BudgetPercent} %");
        return [.. verdicts.Select(verdict => verdict.Decision == PruneDecision.Prune && !request.IsApproved(verdict.Candidate.Entry.Id)
            ? Hold(verdict.Candidate, reason, needsApproval: true)
            : verdict)];
    }

    private static PruneVerdict Hold(PruneCandidate candidate, string reason, bool needsApproval = false) =>
        new(candidate, PruneDecision.Hold, reason, needsApproval);

    private static PruneVerdict Skip(PruneCandidate candidate, string reason) => new(candidate, PruneDecision.Skip, reason);

    private static PruneVerdict HandOver(PruneCandidate candidate, string target) =>
        new(candidate, PruneDecision.HandOver, $"{target} has it now", HandOverTo: target);
}
