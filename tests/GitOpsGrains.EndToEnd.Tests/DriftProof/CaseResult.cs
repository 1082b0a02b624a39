using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <param name="Question">What the proof asked.</param>
/// <param name="IsDrifted">The truth: a forced dry run would change the object, or a wanted leaf has another value.</param>
/// <param name="Requests">What answering the question took: 0, 1 (GET) or 2 (GET and dry run); the heal is not in it.</param>
/// <param name="IsNoticed">The answer to the question was that the object is not as wanted.</param>
public sealed record CaseResult(ProofQuestion Question, bool IsDrifted, int Requests, bool IsNoticed)
{
    public Verdict Verdict => IsDrifted ? Verdict.Drift : Question == ProofQuestion.None ? Verdict.Quiet : Verdict.Alarm;

    /// <summary>Drifted, and the proof held.</summary>
    public bool IsMissed => IsDrifted && Question == ProofQuestion.None;

    public static async Task<CaseResult> RunAsync(DriftCase drift, CaseObject item)
    {
        if (drift.Before is { } before) await before(item);
        var applied = await item.ApplyAsync();
        var proof = ObjectProof.Of(item.Desired, applied);
        var leaves = DesiredLeaves.Read(item.Desired.Json(), applied.Root);
        if (drift.NeedsNextSecond) await NextSecondAsync();

        await drift.Edit(item);

        var live = await item.ReadAsync();
        var dry = live is null || live.IsDeleting ? null : await DryRunAsync(item, live);
        var isDrifted = dry is null || dry.Value.Error is not null || ObjectDiff.Compute(dry.Value.Value!.Root, live!, DiffScope.AllFields).Count > 0
            || !leaves.SequenceEqual(DesiredLeaves.Read(item.Desired.Json(), live!.Root));

        var question = await item.ObserveAsync() is { } observed ? ProofCheck.Compare(proof, observed) : ProofQuestion.Recreated;
        if (question == ProofQuestion.None) return new CaseResult(question, isDrifted, 0, false);
        if (live is null || live.IsDeleting) return new CaseResult(question, isDrifted, 1, true);
        if (proof.HasContentOf(ObservedObject.From(live, full: true, health: null))) return new CaseResult(question, isDrifted, 1, false);
        return new CaseResult(question, isDrifted, 2, !dry!.Value.IsSuccess || ObjectDiff.Compute(dry.Value.Value!.Root, live, DiffScope.AllFields).Count > 0);
    }

    private static async Task<ClusterAnswer<LiveObject>?> DryRunAsync(CaseObject item, LiveObject live) => await item.Connection.ApplyAsync(
        item.Resource, item.Desired.Id, item.Desired.FencedBody(live.Uid, live.ResourceVersion), new ApplyOptions(DryRun: true, Force: true), CancellationToken.None);

    /// <summary>The times of managedFields are whole seconds.</summary>
    private static async Task NextSecondAsync()
    {
        var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await Testing.Eventually.TrueAsync(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > second, "the next second");
    }
}
