using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Plan;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// The objects that a target has applied, with the proofs that they are in sync: in memory, and stored within the target's own
/// state while they are few, else written behind into up to 64 records. A lost proof costs one check; an object that is about to
/// be created is written before it is. Used on the target's scheduler only.
/// </summary>
public sealed class TargetInventory(IGrainStorage storage, GrainId target)
{
    /// <summary>So many entries fit into the target's own state, of which each sync writes all twice.</summary>
    public const int MaxInState = 16;

    private const int MaxRecords = 64;
    private const int EntriesPerRecord = 256;

    private readonly Dictionary<ResourceId, InventoryEntry> _entries = [];
    private readonly HashSet<int> _dirty = [];
    private readonly SerialWrites _writes = new();
    private GrainState<InventoryRecordState>[] _records = [];
    private int _written;
    private bool _isStateDirty;

    /// <summary>The state holds entries that the records may not have yet.</summary>
    private bool _isMoving;

    public IReadOnlyDictionary<ResourceId, InventoryEntry> Entries => _entries;

    public bool IsDirty => _isStateDirty || _dirty.Count > 0;

    /// <summary>The target's own state holds the entries; there are no records.</summary>
    public bool IsInState => _records.Length == 0;

    /// <summary>So many more entries need no record.</summary>
    public bool FitsInState(int more) => IsInState && _entries.Count + more <= MaxInState;

    /// <summary>
    /// The entries that the target's state is to hold when it is written now: all, or none once the records have them. Null while
    /// they are on their way into records: the state keeps what it has.
    /// </summary>
    public List<InventoryEntry>? TakeForState()
    {
        _isStateDirty = false;
        return IsInState ? [.. _entries.Values] : _isMoving ? null : [];
    }

    /// <summary>The state could not be written: its entries are not stored.</summary>
    public void StateFailed() => _isStateDirty |= IsInState;

    /// <summary>The number of records that the entries lie in; stored in the target's state.</summary>
    public int Records => _records.Length;

    public InventoryEntry? Find(ResourceId id) => _entries.GetValueOrDefault(id);

    public void Set(InventoryEntry entry)
    {
        _entries[entry.Id] = WithOneUid(entry);
        NoteChanged(entry.Id);
    }

    public void Remove(ResourceId id)
    {
        if (_entries.Remove(id)) NoteChanged(id);
    }

    /// <summary>The proof's uid is mostly the entry's own: it need not be in memory twice.</summary>
    private static InventoryEntry WithOneUid(InventoryEntry entry) =>
        entry.Proof is { } proof && proof.Uid == entry.Uid && !ReferenceEquals(proof.Uid, entry.Uid) ? entry with { Proof = proof with { Uid = entry.Uid } } : entry;

    private void NoteChanged(ResourceId id)
    {
        if (IsInState) _isStateDirty = true;
        else _dirty.Add(RecordOf(id));
    }

    /// <param name="inState">What the target's state holds. Beside records it is what had not reached them yet.</param>
    public async Task LoadAsync(int records, IReadOnlyCollection<InventoryEntry> inState)
    {
        foreach (var entry in inState) _entries[entry.Id] = WithOneUid(entry);
        _records = [.. Enumerable.Range(0, records).Select(_ => new GrainState<InventoryRecordState>(new InventoryRecordState()))];
        await Task.WhenAll(_records.Select((record, index) => storage.ReadStateAsync(NameOf(index), target, record)));
        foreach (var entry in _records.SelectMany(record => record.State?.Entries ?? [])) _entries[entry.Id] = WithOneUid(entry);
        _written = records;
        // An entry in another record than its own is left from a crash while growing: all are written anew.
        var astray = _records.Where((record, index) => record.State?.Entries.Exists(entry => RecordOf(entry.Id) != index) == true).Any();
        _isMoving = records > 0 && inState.Count > 0;
        if (astray || _isMoving) _dirty.UnionWith(Enumerable.Range(0, records));
    }

    /// <summary>
    /// Makes room if this many entries need more records, and stores the number of records before anything is flushed into
    /// them. A flush writes the new records before the old ones, so that a crash in between leaves an entry twice, never nowhere.
    /// </summary>
    public Task GrowAsync(int entries, Func<int, Task> storeNumber) => _writes.RunAsync(() =>
    {
        if (RecordsFor(entries) > _records.Length) Grow(entries);
        return storeNumber(_records.Length);
    });

    private void Grow(int entries)
    {
        _written = Math.Min(_written, _records.Length);
        var count = RecordsFor(entries);
        (_isMoving, _isStateDirty) = (_isMoving || IsInState, false);
        _records = [.. _records, .. Enumerable.Range(_records.Length, count - _records.Length)
            .Select(_ => new GrainState<InventoryRecordState>(new InventoryRecordState()))];
        _dirty.UnionWith(Enumerable.Range(0, count));
    }

    /// <summary>Writes the changed records. A record that fails stays changed. Errors: those of the storage.</summary>
    /// <remarks>Entries that the target's state holds are written with that, not here.</remarks>
    public Task FlushAsync() => _writes.RunAsync(WriteChangedAsync);

    private async Task WriteChangedAsync()
    {
        var indexes = _dirty.ToArray();
        _dirty.Clear();
        var byRecord = _entries.Values.ToLookup(entry => RecordOf(entry.Id));
        try
        {
            await Task.WhenAll(indexes.Where(index => index >= _written).Select(index => WriteAsync(index, [.. byRecord[index]])));
            await Task.WhenAll(indexes.Where(index => index < _written).Select(index => WriteAsync(index, [.. byRecord[index]])));
            _written = _records.Length;
            _isMoving = false;
        }
        catch
        {
            _dirty.UnionWith(indexes);
            throw;
        }
    }

    public Task ClearAsync() => _writes.RunAsync(ClearRecordsAsync);

    private async Task ClearRecordsAsync()
    {
        _entries.Clear();
        _dirty.Clear();
        (_isStateDirty, _isMoving) = (false, false);
        await Task.WhenAll(_records.Select((record, index) => storage.ClearStateAsync(NameOf(index), target, record)));
        _records = [];
    }

    private Task WriteAsync(int index, List<InventoryEntry> entries)
    {
        _records[index].State = new InventoryRecordState { Entries = entries };
        return storage.WriteStateAsync(NameOf(index), target, _records[index]);
    }

    private static int RecordsFor(int entries)
    {
        var records = 1;
        while (records < MaxRecords && entries > records * EntriesPerRecord) records *= 2;
        return records;
    }

    private int RecordOf(ResourceId id) =>
        _records.Length == 0 ? 0 : NameHash.PartOf(id.ToString(), _records.Length);

    internal static string NameOf(int index) => $"inventory-{index}";
}
