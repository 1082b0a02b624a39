using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The hooks around the deletion of an application: each phase runs once, and a failure holds the deletion up.</summary>
public sealed partial class TargetGrain
{
    /// <summary>Before the first object is deleted; called again in each round until it says true. False: not yet, the conditions say why.</summary>
    private async Task<bool> BeforeDeletionAsync(ClusterSession session, ReleaseIntent release, List<Condition> conditions, CancellationToken cancellationToken)
    {
        if (release.IsPrepared || release.Cascade == Cascade.Keep) return true;
        if (!await RunDeletionHooksAsync(session, SyncPhase.PreDelete, conditions, cancellationToken)) return false;
        release.IsPrepared = true;
        await StoreAsync();
        return true;
    }

    /// <summary>
    /// After the last object is gone; called again until it says true. What hooks of earlier syncs left under their own names
    /// goes first.
    /// </summary>
    private async Task<bool> AfterDeletionAsync(ClusterSession session, ReleaseIntent release, List<Condition> conditions, CancellationToken cancellationToken)
    {
        if (release.IsConcluded || release.Cascade == Cascade.Keep) return true;
        if (await HooksOfAsync(session, conditions, cancellationToken) is { } built) await SweepHooksAsync(session, built, cancellationToken);
        if (!await RunDeletionHooksAsync(session, SyncPhase.PostDelete, conditions, cancellationToken)) return false;
        release.IsConcluded = true;
        await StoreAsync();
        return true;
    }

    private async Task<bool> RunDeletionHooksAsync(ClusterSession session, SyncPhase phase, List<Condition> conditions, CancellationToken cancellationToken)
    {
        if (await HooksOfAsync(session, conditions, cancellationToken) is not { } built) return true;
        var steps = SyncSteps.OfHooks(built, phase);
        if (steps.Count == 0) return true;
        await session.WatchAsync(
            built.Hooks.Select(hook => (Resource: ResourceOf(session.State.Catalog!, hook.Id, hook.Manifest.ApiVersion), hook.Id.Namespace))
                .Where(item => item.Resource is { CanWatch: true }).Select(item => (item.Resource!, item.Namespace)), cancellationToken);
        var run = new SyncRun(_state.State.Operation!, new SyncOrder(_state.State.Operation!.Id, SyncTriggers.User, Prune: false, Everything: false), _state.State.Desired!);
        try
        {
            foreach (var step in steps)
            {
                await RunHooksAsync(session, run, step, cancellationToken);
                if (run.HasFailed) break;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            // The application is desired again, or its objects are kept after all.
            await AbandonHooksAsync(session, run);
            throw;
        }
        finally
        {
            ForgetHooks(session);
            _isWriting = false;
        }
        if (run.HasFailed) conditions.Add(NewCondition(ConditionTypes.HookFailed, run.FirstFailure()));
        return !run.HasFailed;
    }

    /// <summary>What the last desired state says of hooks; null when its manifests are not at hand, and then none can run.</summary>
    private async Task<DesiredState?> HooksOfAsync(ClusterSession session, List<Condition> conditions, CancellationToken cancellationToken)
    {
        if (_state.State.Desired is not { } desired) return null;
        if (await LoadSetAsync(desired) is not { } set)
        {
            conditions.Add(NewCondition(ConditionTypes.ManifestNotice, "the manifests of the last revision are not at hand, so that no hooks of the deletion run"));
            return null;
        }
        var owner = await OwnerAsync();
        var built = await Task.Run(() => DesiredState.Build(set, session.State.Catalog!, desired.Namespace, owner, options: Options), cancellationToken);
        return built.Hooks.Count == 0 ? null : built;
    }

    private async Task SweepHooksAsync(ClusterSession session, DesiredState built, CancellationToken cancellationToken)
    {
        foreach (var hook in built.Hooks.Where(hook => hook.GenerateName is null))
        {
            if (session.State is not { Connection: { } connection, Catalog: { } catalog } || ResourceOf(catalog, hook.Id, hook.Manifest.ApiVersion) is not { } resource) continue;
            var read = await connection.GetAsync(resource, hook.Id, cancellationToken);
            if (!read.IsSuccess || read.Value.IsDeleting || TrackingId.OwnerOf(read.Value) != _owner) continue;
            await _fence.EnsureAsync(cancellationToken);
            await connection.DeleteAsync(resource, hook.Id, new DeleteOptions(read.Value.Uid, read.Value.ResourceVersion, Propagation.Background), cancellationToken);
        }
    }
}
