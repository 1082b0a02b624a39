using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>A server that was restored from an older state has objects again that were pruned since.</summary>
public sealed partial class TargetGrain
{
    /// <summary>Nobody desires them, and this target has not deleted them.</summary>
    private readonly HashSet<ResourceId> _notOurs = [];

    /// <summary>What this target has deleted and is there again is held again, so that it is pruned as before: all guards are asked anew.</summary>
    private async Task TakeBackAsync(ClusterSession session)
    {
        var all = session.Unclaimed;
        _notOurs.IntersectWith(all);
        var unclaimed = all.Where(id => !_notOurs.Contains(id) && _inventory.Find(id) is null).ToHashSet();
        if (unclaimed.Count == 0) return;
        foreach (var record in FreshTombstones())
        {
            foreach (var manifest in await ExhumeAsync(record, _stopping.Token))
            {
                if (!unclaimed.Remove(manifest.Id) || session.Observe(manifest.Id).Object is not { } returned) continue;
                _inventory.Set(new InventoryEntry { Id = manifest.Id, ApiVersion = manifest.ApiVersion, Uid = returned.Uid });
                Track(manifest.Id);
                session.FollowUnclaimed(manifest.Id, Key);
                LogReturned(Key, manifest.Id.Display);
            }
        }
        _notOurs.UnionWith(unclaimed);
        FlushSoon();
    }
}
