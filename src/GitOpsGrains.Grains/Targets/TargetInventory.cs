using System.IO.Hashing;
using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Plan;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// The objects that a target has applied, with the proofs that they are in sync: in memory, and written behind into up to
/// 64 records. A lost proof costs one check; an object that is about to be created is written before it is.
/// Used on the target's scheduler only.
/// </summary>
public sealed class TargetInventory(IGrainStorage storage, GrainId target)
{
    private const int MaxRecords = 64;
    private const int EntriesPerRecord = 256;

    private readonly Dictionary<ResourceId, InventoryEntry> _entries = [];
    private readonly HashSet<int> _dirty = [];
    private readonly SerialWrites _writes = new();
    private GrainState<InventoryRecordState>[] _records = [];
    private int _written;

    public IReadOnlyDictionary<ResourceId, InventoryEntry> Entries => _entries;

    public bool IsDirty => _dirty.Count > 0;

    /// <summary>The number of records that the entries lie in; stored in the target's state.</summary>
    public int Records => _records.Length;

    public InventoryEntry? Find(ResourceId id) => _entries.GetValueOrDefault(id);

    public void Set(InventoryEntry entry)
    {
        _entries[entry.Id] = entry;
        _dirty.Add(RecordOf(entry.Id));
    }

    public void Remove(ResourceId id)
    {
        if (_entries.Remove(id)) _dirty.Add(RecordOf(id));
    }

    public async Task LoadAsync(int records)
    {
        _records = [.. Enumerable.Range(0, records).Select(_ => new GrainState<InventoryRecordState>(new InventoryRecordState()))];
        await Task.WhenAll(_records.Select((record, index) => storage.ReadStateAsync(NameOf(index), target, record)));
        foreach (var entry in _records.SelectMany(record => record.State?.Entries ?? [])) _entries[entry.Id] = entry;
        _written = records;
        // An entry in another record than its own is left from a crash while growing: all are written anew.
        var astray = _records.Where((record, index) => record.State?.Entries.Exists(entry => RecordOf(entry.Id) != index) == true).Any();
        if (astray) _dirty.UnionWith(Enumerable.Range(0, records));
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
        _records = [.. _records, .. Enumerable.Range(_records.Length, count - _records.Length)
            .Select(_ => new GrainState<InventoryRecordState>(new InventoryRecordState()))];
        _dirty.UnionWith(Enumerable.Range(0, count));
    }

    /// <summary>Writes the changed records. A record that fails stays changed. Errors: those of the storage.</summary>
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
        _records.Length == 0 ? 0 : (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(id.ToString())) % _records.Length);

    internal static string NameOf(int index) => $"inventory-{index}";
}
