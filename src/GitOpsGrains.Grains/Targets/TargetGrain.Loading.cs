using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The manifests of the desired state: from this silo's memory, from the store, or rendered again.</summary>
public sealed partial class TargetGrain
{
    /// <summary>The manifests; where they can't be had, what an outline showed is no base for anything, and that is said.</summary>
    private async Task<ManifestSet?> BringSetAsync(TargetDesired desired)
    {
        ManifestSet? set = null;
        try
        {
            return set = await LoadSetAsync(desired);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _conditions = [NewCondition(ConditionTypes.RenderFailed, $"the manifests of this revision can't be read now: {failure.Message}")];
            if (_retry is null && !_stopping.IsCancellationRequested) ComeBack(FailurePause);
            throw;
        }
        finally
        {
            if (set is null && _built is { IsOutline: true } && !_stopping.IsCancellationRequested)
            {
                (_built, _hasLooked) = (null, false);
                Announce();
            }
        }
    }

    private async Task<ManifestSet?> LoadSetAsync(TargetDesired desired)
    {
        var (set, render) = await LoadOrRenderAsync(desired.SetDigest, _state.State.ManifestKey, desired.ToSubject(), _stopping.Token);
        if (set is not null)
        {
            if (render?.ManifestKey is { } known && IsCurrent(desired)) _state.State.ManifestKey ??= known;
            return set;
        }
        // It is wanted for every heal, and until it is there nothing is pruned on the cluster; nobody else asks again soon.
        if (_retry is null) ComeBack(render!.IsSuccess ? KindPause : FailurePause);
        _conditions = render!.IsSuccess
            ? [NewCondition(ConditionTypes.RenderFailed, "the manifests of this revision are not at hand, and rendering again gave others")]
            : render.AwaitsCluster ? [NewCondition(ConditionTypes.ClusterAwaited, "the manifests of this revision are not at hand, and the cluster's version is not known")]
            : render.Conditions;
        return null;
    }

    /// <summary>From this silo's memory or the store; else rendered again, with what that said. No set: neither has it.</summary>
    /// <param name="key">Of the manifest store; null when it is not known to have the set.</param>
    private async Task<(ManifestSet? Set, RenderAnswer? Render)> LoadOrRenderAsync(Digest digest, string? key, RenderSubject subject, CancellationToken cancellationToken)
    {
        try
        {
            if (await _sets.LoadAsync(digest, key, cancellationToken) is { } set) return (set, null);
        }
        catch (InvalidDataException damaged)
        {
            LogSetDamaged(damaged, Key);
        }
        var render = await GrainFactory.GetGrain<IRepositoryGrain>(subject.Home).RenderAgainAsync(subject, cancellationToken);
        return (render.SetDigest == digest ? await _sets.LoadAsync(digest, render.ManifestKey, cancellationToken) : null, render);
    }
}
