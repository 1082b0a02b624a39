using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// The slow safety net under the watches: all objects are read in pages, and what does not have the content that was proven
/// is examined. Its requests go through the lane for checks.
/// </summary>
public sealed partial class TargetGrain
{
    private const int DeepPageSize = 500;
    private static readonly TimeSpan DeepRetry = TimeSpan.FromMinutes(1);

    private long? _deepCheckedAt;

    /// <summary>Runs when the interval is over, counted from the activation with a random share of it.</summary>
    private async Task DeepCheckIfDueAsync(ClusterSession session)
    {
        var interval = _state.State.Desired!.DeepInterval;
        _deepCheckedAt ??= _time.GetTimestamp() - (long)(interval.TotalSeconds * Random.Shared.NextDouble() * _time.TimestampFrequency);
        if (interval <= TimeSpan.Zero || _time.GetElapsedTime(_deepCheckedAt.Value) < interval) return;
        _deepCheckedAt = _time.GetTimestamp();
        if (_state.State.ManifestKey is { } key && !await _sets.RenewAsync(key, _stopping.Token))
        {
            _state.State.ManifestKey = null;
            if (_built is { IsOutline: true }) BringBodies();
        }
        await RenewLastGoodAsync();
        if (_isSealUnstored) await StoreAsync();
        var groups = _objects.Values.Where(tracked => tracked.Desired is not null).GroupBy(tracked => (tracked.Id.Group, tracked.Id.Kind, tracked.Id.Namespace)).ToArray();
        var isWhole = true;
        foreach (var group in groups) isWhole &= await DeepCheckAsync(session, [.. group]);
        // What could not be read is not looked at only after another whole interval.
        if (!isWhole && interval > DeepRetry) _deepCheckedAt -= (long)((interval - DeepRetry).TotalSeconds * _time.TimestampFrequency);
    }

    /// <summary>False when not all could be read.</summary>
    private async Task<bool> DeepCheckAsync(ClusterSession session, TrackedObject[] objects)
    {
        var id = objects[0].Id;
        if (session.State is not { IsReady: true, Connection: { } connection, Catalog: { } catalog }) return false;
        if (catalog.Find(id.Group, id.Kind) is not { } resource) return true;
        var unseen = objects.ToDictionary(tracked => tracked.Id);
        string? next = null;
        do
        {
            var page = await connection.Checks.ListAsync(
                resource, new ListQuery(id.Namespace, Engine.Desired.Tracking.Selector, MetadataOnly: false, DeepPageSize, next), _stopping.Token);
            if (!page.IsSuccess) return false;
            foreach (var live in page.Value.Objects)
            {
                if (!unseen.Remove(live.Id, out var tracked) || _inventory.Find(live.Id)?.Proof is not { } proof) continue;
                if (!proof.HasContentOf(ObservedObject.From(live, full: true, health: null)) || Removable(live) is { IsEmpty: false }) Question(session, tracked);
            }
            next = page.Value.Continue;
        }
        while (next is not null);
        foreach (var missing in unseen.Values.Where(tracked => _inventory.Find(tracked.Id) is not null)) Question(session, missing);
        return true;
    }

    private void Question(ClusterSession session, TrackedObject tracked)
    {
        if (tracked.Desired is not { } desired || _inventory.Find(tracked.Id)?.DesiredHash != desired.Hash) return;
        if (!tracked.IsBusy && !_isWriting && !desired.IsOutline)
        {
            Check(session, tracked, desired);
            return;
        }
        // A sync is at work, or the manifests are to be read first: the question stands until then.
        Unprove(tracked);
        _hasLooked = false;
        if (desired.IsOutline) BringBodies();
    }
}
