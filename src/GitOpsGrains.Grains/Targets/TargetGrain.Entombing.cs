using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Keeps the manifests of objects before they are deleted: without a stored tombstone nothing is deleted.</summary>
public sealed partial class TargetGrain
{
    private const long MaxBytesOfPart = 16L * 1024 * 1024;

    /// <summary>More parts than this in one operation are not kept track of: the state must stay small.</summary>
    private const int MaxParts = 100;

    /// <summary>What the running deletion has stored: an object that is read again is stored again only if it changed.</summary>
    private readonly Dictionary<ResourceId, Digest> _entombed = [];

    /// <summary>Stores the manifests and their record, in that order. Returns why that was not possible, or null.</summary>
    private async Task<string?> EntombAsync(DeletionOrder order, IReadOnlyList<PruneCandidate> candidates, CancellationToken cancellationToken)
    {
        var manifests = await Task.Run(() => candidates.Select(candidate => Tombstone.Of(candidate.Live!)).ToArray(), cancellationToken);
        var unknown = manifests.Where(manifest => _entombed.GetValueOrDefault(manifest.Id) != manifest.Hash).ToArray();
        if (unknown.Length == 0) return null;
        try
        {
            var record = TombstoneRecord.Of(_state.State.Tombstones, order.OperationId, _time.GetUtcNow());
            (record.Cause, record.Commit, record.At) = (order.Request.Cause, order.Commit, _time.GetUtcNow());
            foreach (var part in Parts(unknown))
            {
                if (ManifestSets.Combine(part).Set is not { } set) return "its manifest could not be kept for a restore: it stands there twice";
                if (record.Parts.Count == MaxParts) return "its manifest could not be kept for a restore: the operation has deleted too much already";
                var key = await _sets.PersistAsync(set, cancellationToken);
                record.Parts.Insert(0, new TombstonePart { Key = key, Digest = set.Digest, Objects = part.Count });
            }
            await StoreAsync();
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or InconsistentStateException))
        {
            LogWorkFailed(failure, Key, "keep the manifests of what is to be deleted");
            return "its manifest could not be kept for a restore";
        }
        foreach (var manifest in unknown) _entombed[manifest.Id] = manifest.Hash;
        return null;
    }

    private static IEnumerable<List<ManifestObject>> Parts(IEnumerable<ManifestObject> manifests)
    {
        var (part, bytes) = (new List<ManifestObject>(), 0L);
        foreach (var manifest in manifests)
        {
            if (part.Count > 0 && bytes + manifest.Json.Length > MaxBytesOfPart)
            {
                yield return part;
                (part, bytes) = ([], 0L);
            }
            part.Add(manifest);
            bytes += manifest.Json.Length;
        }
        if (part.Count > 0) yield return part;
    }

    /// <summary>The manifests that an operation deleted; what the store has lost by now, or can't read, is left out.</summary>
    private Task<IReadOnlyList<ManifestObject>> ExhumeAsync(TombstoneRecord record, CancellationToken cancellationToken) =>
        record.ReadAsync(part => _sets.LoadAsync(part.Digest, part.Key, cancellationToken), damaged => LogTombstoneUnreadable(damaged, Key, record.OperationId));
}
