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
        (release.IsPrepared, release.DoneWave) = (true, null);
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
        if (release.DoneWave is null && (await HooksOfAsync(session, [], cancellationToken)).Built is { } built
            && !await SweepHooksAsync(session, release, built, conditions, cancellationToken)) return false;
        if (!await RunDeletionHooksAsync(session, SyncPhase.PostDelete, conditions, cancellationToken)) return false;
        release.IsConcluded = true;
        await StoreAsync();
        return true;
    }

    private async Task<bool> RunDeletionHooksAsync(ClusterSession session, SyncPhase phase, List<Condition> conditions, CancellationToken cancellationToken)
    {
        var (built, isMissing) = await HooksOfAsync(session, conditions, cancellationToken);
        // Without its manifests nobody knows what was to run first; what was to run last holds up nothing any more.
        if (isMissing) return phase == SyncPhase.PostDelete;
        if (built is null) return true;
        var release = _state.State.Releasing!;
        var steps = SyncSteps.OfHooks(built, phase).Where(step => !(step.Wave <= release.DoneWave)).ToArray();
        if (steps.Length == 0) return true;
        await session.WatchAsync(
            built.Hooks.Select(hook => (Resource: session.State.Catalog?.Find(hook.Id, hook.Manifest.ApiVersion), hook.Id.Namespace))
                .Where(item => item.Resource is { CanWatch: true }).Select(item => (item.Resource!, item.Namespace)), cancellationToken);
        var run = new SyncRun(_state.State.Operation!, new SyncOrder(_state.State.Operation!.Id, SyncTriggers.User, Prune: false, Everything: false), _state.State.Desired!);
        try
        {
            foreach (var step in steps)
            {
                await RunHooksAsync(session, run, step, cancellationToken);
                if (run.HasFailed) break;
                release.DoneWave = step.Wave;
                await StoreAsync();
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

    /// <summary>What the last desired state says of hooks; null when it has none, or its manifests are not at hand.</summary>
    private async Task<(DesiredState? Built, bool IsMissing)> HooksOfAsync(ClusterSession session, List<Condition> conditions, CancellationToken cancellationToken)
    {
        if (_state.State.Desired is not { } desired) return (null, false);
        if (await LoadSetAsync(desired) is not { } set)
        {
            conditions.Add(NewCondition(ConditionTypes.ManifestNotice, "the manifests of the last revision are not at hand, so that nobody knows the hooks of the deletion; to let go without them: --cascade keep"));
            return (null, true);
        }
        var (owner, options) = (await OwnerAsync(), Options);
        var built = await Task.Run(() => DesiredState.Build(set, session.State.Catalog!, desired.Namespace, owner, options: options), cancellationToken);
        return (built.Hooks.Count == 0 ? null : built, false);
    }

    /// <summary>By the same guards as all other objects. False when some are held, or could not be deleted.</summary>
    private async Task<bool> SweepHooksAsync(ClusterSession session, ReleaseIntent release, DesiredState built, List<Condition> conditions, CancellationToken cancellationToken)
    {
        var left = new List<InventoryEntry>();
        foreach (var hook in built.Hooks.Where(hook => hook.GenerateName is null && !hook.Policy.Phases.Contains(SyncPhase.PostDelete)))
        {
            if (session.State is not { Connection: { } connection, Catalog: { } catalog } || catalog.Find(hook.Id, hook.Manifest.ApiVersion) is not { } resource) continue;
            var read = await connection.GetAsync(resource, hook.Id, cancellationToken);
            if (read.IsSuccess && !read.Value.IsDeleting && TrackingId.OwnerOf(read.Value) == _owner)
                left.Add(new InventoryEntry { Id = hook.Id, ApiVersion = hook.Manifest.ApiVersion, Uid = read.Value.Uid });
        }
        return left.Count == 0 || await DeleteAllAsync(session, release, left, Propagation.Background, conditions, cancellationToken);
    }
}
