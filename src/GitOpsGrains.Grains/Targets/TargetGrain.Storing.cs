using GitOpsGrains.Engine.Plan;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What is durable of a target, and when.</summary>
public sealed partial class TargetGrain
{
    private static readonly TimeSpan FlushDelay = TimeSpan.FromSeconds(2);

    private readonly SharedWrites _writes;

    private IGrainTimer? _flush;

    /// <summary>The stored state is older than this one.</summary>
    private bool _isUnstored;

    /// <summary>It holds something that may not wait for the next write: a new policy, a release that was taken back.</summary>
    private bool _mustStore;

    private Task StoreAsync() => _writes.RunAsync();

    private async Task WriteAsync()
    {
        if (_inventory.TakeForState() is { } entries) _state.State.Inventory = entries;
        var mustStore = _mustStore;
        (_isUnstored, _isSealUnstored, _mustStore) = (false, false, false);
        try
        {
            await _state.WriteStateAsync();
        }
        catch
        {
            _isUnstored = true;
            _mustStore |= mustStore;
            _inventory.StateFailed();
            throw;
        }
    }

    /// <summary>Stores the inventory where it has changed.</summary>
    private Task FlushAsync() => !_inventory.IsDirty ? Task.CompletedTask : _inventory.IsInState ? StoreAsync() : _inventory.FlushAsync();

    /// <summary>Takes objects that are about to be created into the inventory, and stores them together with the state.</summary>
    private async Task HoldAsync(IReadOnlyCollection<InventoryEntry> created)
    {
        if (_inventory.FitsInState(created.Count))
        {
            foreach (var entry in created) _inventory.Set(entry);
            await StoreAsync();
            return;
        }
        await _inventory.GrowAsync(_inventory.Entries.Count + created.Count, records =>
        {
            _state.State.InventoryRecords = records;
            return StoreAsync();
        });
        if (created.Count == 0) return;
        foreach (var entry in created) _inventory.Set(entry);
        await _inventory.FlushAsync();
        // An entry that the state went on holding would come back after it was removed from the records.
        if (_state.State.Inventory.Count > 0) await StoreAsync();
    }

    /// <summary>Stores proofs soon, many at once.</summary>
    private void FlushSoon() => _flush ??= this.RegisterGrainTimer(async _ =>
    {
        _flush?.Dispose();
        _flush = null;
        await FlushAsync();
    }, new GrainTimerCreationOptions(FlushDelay, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
}
