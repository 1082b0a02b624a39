using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What is known of an object before it is written, and whether it is ours to write.</summary>
public sealed partial class ObjectWriter
{
    /// <summary>Ours, as we left it, and with nobody's entries to take over: the watch has all that the fence needs.</summary>
    private Found? FromWatch(Work work, ApplyPolicy policy, ObservedObject? seen) =>
        policy.IsApplied && Adjust is null
        && seen is { IsLabelled: true, HasPolicy: false } && (policy.Strategy == ApplyStrategy.Merge || !seen.HasRivals)
        && seen.Owner == owner.ToString() && ProofCheck.Compare(work.Entry?.Proof, seen) == ProofQuestion.None
            ? new Found(work.Desired, policy, false, 0, seen.Uid, seen.ResourceVersion)
            : null;

    private static Found? FromList(Work work, ApplyPolicy policy, long? absentSince) =>
        absentSince is { } at ? new Found(work.Desired, policy, true, at, "", "") : null;

    private async Task<Found> ReadAsync(Work work, ApplyPolicy wanted, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var read = await work.Connection.GetAsync(work.Resource, work.Desired.Id, cancellationToken);
        if (!read.IsSuccess)
            return read.Error.Kind == ClusterErrorKind.NotFound
                ? new Found(work.Desired, wanted, true, now, "", "")
                : Settled(work, wanted, WriteOutcome.Failed(read.Error.Message, read.Error));
        var live = read.Value;
        var policy = PolicyOf(wanted, live);
        if (!live.IsDeleting && !policy.IsCompared) return Settled(work, policy, LeftAlone(policy, live));
        if (await RefuseAsync(live, work, cancellationToken) is { } refusal) return Settled(work, policy, refusal);
        // After a crash the proof may be lost, not the object.
        if (work.Entry?.Proof?.Desired != work.Desired.Hash && LostProof.CanBeHadFrom(live, work.Desired, policy))
            return Settled(work, policy, new WriteOutcome(ApplyAction.Unchanged, live, null));
        var desired = Adjust?.Invoke(live, work.Desired) is { } body ? work.Desired with { Body = body } : work.Desired;
        var found = new Found(desired, policy, false, now, live.Uid, live.ResourceVersion)
        {
            Live = live,
            // Of an object that is replaced whole nothing can be kept alive.
            OwnBefore = policy.IsApplied ? ManagedFields.OwnFields(live) : null,
        };
        return policy.Strategy == ApplyStrategy.Apply ? await TakeOverAsync(work, found, cancellationToken) : found;
    }

    private static Found Settled(Work work, ApplyPolicy policy, WriteOutcome outcome) => new(work.Desired, policy, false, 0, "", "") { Settled = outcome };

    /// <summary>An object that is not ours yet is adopted first; it is made again only when that is refused for good, and then not by us.</summary>
    private ApplyPolicy PolicyOf(ApplyPolicy wanted, LiveObject live)
    {
        var policy = LivePolicy.Of(wanted, live);
        return policy.Strategy == ApplyStrategy.Recreate && TrackingId.OwnerOf(live) != owner ? policy with { Strategy = ApplyStrategy.Apply } : policy;
    }

    /// <summary>Whatever it says, it counts as in sync.</summary>
    private static WriteOutcome LeftAlone(ApplyPolicy policy, LiveObject live) =>
        policy.IsIgnored ? WriteOutcome.Skipped(policy.Reason!) : new WriteOutcome(ApplyAction.Unchanged, live, policy.Reason);

    /// <summary>What tools before us own becomes ours: with the write itself where they alone had it, by a patch before it else.</summary>
    private async Task<Found> TakeOverAsync(Work work, Found found, CancellationToken cancellationToken)
    {
        var live = found.Live!;
        if (!work.AdoptsInSteps && await Adoption.PlanAsync(work.Connection, work.Resource, found.Desired, live, cancellationToken) is { } adoption)
            return found with { Adoption = adoption };
        if (TakeOver.Plan(live) is not { } patch) return found;
        await fence.EnsureAsync(cancellationToken);
        var taken = await work.Connection.JsonPatchAsync(work.Resource, work.Desired.Id, patch, dryRun: false, cancellationToken);
        if (taken.IsSuccess)
            return found with { Live = taken.Value, Uid = taken.Value.Uid, ResourceVersion = taken.Value.ResourceVersion, OwnBefore = ManagedFields.OwnFields(taken.Value) };
        // After a conflict the apply meets the same change, and its own fence refuses it.
        return taken.Error.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.NotFound
            ? found
            : found with { Settled = WriteOutcome.Failed(taken.Error.Message, taken.Error) };
    }

    /// <summary>Objects that are not ours to write: being deleted, of another installation or target, or written by someone who knows more.</summary>
    private async Task<WriteOutcome?> RefuseAsync(LiveObject live, Work work, CancellationToken cancellationToken)
    {
        if (live.IsDeleting) return WriteOutcome.Failed($"is being deleted{LiveFinalizers.Describe(live)}; it is created again when it is gone");
        var marked = TrackingId.OwnerOf(live);
        if (new Ownership(session, owner, target).Refusal(live.Id, marked) is { } refusal) return WriteOutcome.Failed(refusal);
        if (marked != owner) return null;
        var digest = live.Annotation(Tracking.DigestAnnotation);
        if (digest is null || digest == work.Desired.Hash.ToString() || digest == work.Entry?.DesiredHash.ToString()) return null;
        return await isNewest(cancellationToken) ? null : WriteOutcome.Superseded;
    }
}
