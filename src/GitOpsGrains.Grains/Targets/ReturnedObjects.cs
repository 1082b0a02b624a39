using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Finds, among objects that nobody desires, those that a target has deleted and that a restored server has again. They are known
/// by their uid: what a person put back from an export has another one, and is that person's.
/// </summary>
internal sealed class ReturnedObjects
{
    private readonly Dictionary<ResourceId, ObservedObject> _candidates;

    private ReturnedObjects(Dictionary<ResourceId, ObservedObject> candidates) => _candidates = candidates;

    public bool IsEmpty => _candidates.Count == 0;

    /// <summary>The candidates that were not found among what was deleted.</summary>
    public IReadOnlyCollection<ResourceId> Others => _candidates.Keys;

    /// <param name="observe">What the watch shows of an object; null where it is not there.</param>
    /// <param name="owner">Of the target: whatever names another one is that one's.</param>
    public static ReturnedObjects Among(IEnumerable<ResourceId> unclaimed, Func<ResourceId, ObservedObject?> observe, TrackingOwner owner)
    {
        var (candidates, name) = (new Dictionary<ResourceId, ObservedObject>(), owner.ToString());
        foreach (var id in unclaimed)
            if (observe(id) is { IsDeleting: false } live && live.Owner == name) candidates[id] = live;
        return new ReturnedObjects(candidates);
    }

    /// <summary>What the inventory has to hold again.</summary>
    /// <param name="exhume">Reads what a record keeps.</param>
    public async Task<IReadOnlyList<InventoryEntry>> FindAsync(
        IEnumerable<TombstoneRecord> records, Func<TombstoneRecord, Task<IReadOnlyList<ManifestObject>>> exhume)
    {
        var found = new List<InventoryEntry>();
        foreach (var record in records)
        {
            if (IsEmpty) break;
            foreach (var tombstone in await exhume(record))
                if (Take(tombstone) is { } entry) found.Add(entry);
        }
        return found;
    }

    private InventoryEntry? Take(ManifestObject tombstone)
    {
        if (!_candidates.TryGetValue(tombstone.Id, out var live) || Tombstone.UidOf(tombstone) is not { } uid || !live.HasUid(uid)) return null;
        _candidates.Remove(tombstone.Id);
        return new InventoryEntry { Id = tombstone.Id, ApiVersion = tombstone.ApiVersion, Uid = uid };
    }
}
