using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>A server that was restored from an older state has objects again that were pruned since.</summary>
public sealed partial class TargetGrain
{
    /// <summary>Nobody desires them, and this target has not deleted them as they are now.</summary>
    private readonly HashSet<ResourceId> _notOurs = [];

    /// <summary>What this target has deleted and is there again is held again, so that it is pruned as before: all guards are asked anew.</summary>
    private async Task TakeBackAsync(ClusterSession session)
    {
        var all = session.Unclaimed;
        _notOurs.IntersectWith(all);
        if (all.Count == 0) return;
        var owner = await OwnerAsync();
        var returned = ReturnedObjects.Among(
            all.Where(id => !_notOurs.Contains(id) && _inventory.Find(id) is null), id => session.Observe(id).Object, owner);
        if (returned.IsEmpty) return;
        var found = await returned.FindAsync(FreshTombstones(), record => ExhumeAsync(record, _stopping.Token));
        foreach (var entry in found)
        {
            _inventory.Set(entry);
            Track(entry.Id);
            session.FollowUnclaimed(entry.Id, Key);
            LogReturned(Key, entry.Id.Display);
        }
        _notOurs.UnionWith(returned.Others);
        if (found.Count > 0) FlushSoon();
    }
}
