using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// A target lies where its cluster is served. A sync that is under way stops before its next object and goes on there, as after
/// a restart.
/// </summary>
public sealed partial class TargetGrain
{
    private bool _hasMoved;

    void IGrainMigrationParticipant.OnDehydrate(IDehydrationContext dehydrationContext)
    {
    }

    void IGrainMigrationParticipant.OnRehydrate(IRehydrationContext rehydrationContext) => _hasMoved = true;

    void ITargetEvents.OnSessionLeaving(string home) => Post(() => FollowAsync(home), "follow the cluster");

    /// <summary>Nobody else wakes what has moved.</summary>
    private void GoOnIfMoved()
    {
        if (_hasMoved) Post(WakeAsync, "go on after a move");
    }

    /// <summary>Goes to the silo that serves the cluster; false when that is this one.</summary>
    private async Task<bool> MoveToClusterAsync()
    {
        var home = await Cluster.GetHomeAsync();
        if (home == GrainContext.Address.SiloAddress?.ToParsableString()) return false;
        await FollowAsync(home);
        return true;
    }

    private Task FollowAsync(string home)
    {
        if (!_stopping.IsCancellationRequested) this.MoveTo(SiloAddress.FromParsableString(home));
        return Task.CompletedTask;
    }
}
