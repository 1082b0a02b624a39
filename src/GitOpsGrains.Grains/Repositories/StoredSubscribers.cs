using GitOpsGrains.Abstractions.Identity;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>
/// The applications (project/name) that use a repository, with the clusters of their targets: in memory, and stored within the
/// repository's own state while they are few, those that come then in 256 records by the hash of their names. A record of any storage
/// has a limit (960 KiB), and is written whole for each application that comes. Used on the repository's scheduler only.
/// </summary>
public sealed class StoredSubscribers(IGrainStorage storage, GrainId repository, Func<RepositoryState> state)
{
    /// <summary>Characters of names in the repository's state: some 2000 applications of one cluster.</summary>
    public const int MaxInState = 64 * 1024;

    private const int RecordsOfMany = 256;
    private const int FanOut = 64;

    /// <summary>Of a name in JSON: quotes, a comma, brackets.</summary>
    private const int AroundName = 6;

    private readonly HashSet<int> _dirty = [];
    private GrainState<SubscriberRecordState>[] _records = [];
    private int _sizeInState;

    /// <summary>What the records held before this class began to use them is known, and their etags are.</summary>
    private bool _areRead;

    private bool _hasMoved;

    public int Count => InState.Count + InRecords.Sum(part => part.Count);

    public IEnumerable<string> Names => All.Select(entry => entry.Key);

    /// <summary>The repository's own state holds what is not stored yet.</summary>
    public bool IsStateDirty { get; private set; }

    public bool HasDirtyRecords => _dirty.Count > 0;

    /// <summary>
    /// The state is not to be written before the records are: one has left it for a record that is not written yet, or it is the first time
    /// that there are records, and what lies there under their names is of somebody else.
    /// </summary>
    public bool RecordsComeFirst => _dirty.Count > 0 && (_hasMoved || !_areRead);

    private SortedDictionary<string, List<string>> InState => state().Subscribers;

    private IEnumerable<SortedDictionary<string, List<string>>> InRecords => _records.Select(record => record.State!.Subscribers);

    private IEnumerable<KeyValuePair<string, List<string>>> All => InState.Concat(InRecords.SelectMany(part => part));

    public IReadOnlyList<string>? Find(string application) =>
        InState.GetValueOrDefault(application) ?? (_records.Length == 0 ? null : _records[RecordOf(application)].State!.Subscribers.GetValueOrDefault(application));

    /// <summary>Those with a target on the cluster.</summary>
    public IEnumerable<string> On(string cluster) => All.Where(entry => entry.Value.Contains(cluster)).Select(entry => entry.Key);

    /// <summary>Returns the list that <see cref="Find"/> returns until it is changed again.</summary>
    public IReadOnlyList<string> Set(string application, IReadOnlyList<string> clusters)
    {
        List<string> stored = [.. clusters];
        var isInState = InState.TryGetValue(application, out var before);
        var size = _sizeInState - (isInState ? SizeOf(application, before!) : 0) + SizeOf(application, clusters);
        // Whose record is about to be written stays there: the two would be stored in no order.
        if (size <= MaxInState && (isInState || (Find(application) is null && !(_records.Length > 0 && _dirty.Contains(RecordOf(application))))))
        {
            (InState[application], _sizeInState, IsStateDirty) = (stored, size, true);
            return stored;
        }
        if (isInState)
        {
            RemoveFromState(application);
            _hasMoved = true;
        }
        if (_records.Length == 0) BeginRecords();
        var index = RecordOf(application);
        _records[index].State!.Subscribers[application] = stored;
        _dirty.Add(index);
        return stored;
    }

    public void Remove(string application)
    {
        if (InState.ContainsKey(application)) RemoveFromState(application);
        else if (_records.Length > 0 && RecordOf(application) is var index && _records[index].State!.Subscribers.Remove(application)) _dirty.Add(index);
    }

    /// <summary>Of the repository's state, as it was read. Errors: those of the storage.</summary>
    public async Task LoadAsync()
    {
        _records = NewRecords(state().SubscriberRecords);
        await EachAsync(Enumerable.Range(0, _records.Length), index => storage.ReadStateAsync(NameOf(index), repository, _records[index]));
        _areRead = true;
        foreach (var record in _records) record.State ??= new SubscriberRecordState();
        // Between two writes an application that moved is in both, and what the record says is newer.
        foreach (var application in InRecords.SelectMany(part => part.Keys).Where(InState.ContainsKey).ToArray()) RemoveFromState(application);
        _sizeInState = InState.Sum(entry => SizeOf(entry.Key, entry.Value));
    }

    /// <summary>
    /// Writes the changed records, as they are now unless it is the first time. What fails stays changed. Errors: those of the storage.
    /// </summary>
    public async Task FlushAsync()
    {
        if (_dirty.Count == 0) return;
        if (!_areRead) await ReadLeftAsync();
        var indexes = _dirty.ToArray();
        var hadMoved = _hasMoved;
        _dirty.Clear();
        _hasMoved = false;
        try
        {
            await EachAsync(indexes, index => storage.WriteStateAsync(NameOf(index), repository, _records[index]));
        }
        catch
        {
            _dirty.UnionWith(indexes);
            _hasMoved |= hadMoved;
            throw;
        }
    }

    /// <summary>The repository's state is about to be written with all that it holds now.</summary>
    public void StateTaken() => IsStateDirty = false;

    public async Task ClearAsync()
    {
        await EachAsync(Enumerable.Range(0, _records.Length).Where(index => _records[index].RecordExists), index => storage.ClearStateAsync(NameOf(index), repository, _records[index]));
        (_records, _hasMoved, _sizeInState, IsStateDirty) = ([], false, InState.Sum(entry => SizeOf(entry.Key, entry.Value)), false);
        _dirty.Clear();
    }

    private void BeginRecords()
    {
        (_records, _areRead, IsStateDirty) = (NewRecords(RecordsOfMany), false, true);
        state().SubscriberRecords = RecordsOfMany;
    }

    /// <summary>A process that ended between the records and the state has left some that no state names: they are written over.</summary>
    private async Task ReadLeftAsync()
    {
        await EachAsync(Enumerable.Range(0, _records.Length), async index =>
        {
            var left = new GrainState<SubscriberRecordState>(new SubscriberRecordState());
            await storage.ReadStateAsync(NameOf(index), repository, left);
            if (!left.RecordExists) return;
            (_records[index].ETag, _records[index].RecordExists) = (left.ETag, true);
            _dirty.Add(index);
        });
        _areRead = true;
    }

    private void RemoveFromState(string application)
    {
        _sizeInState -= SizeOf(application, InState[application]);
        InState.Remove(application);
        IsStateDirty = true;
    }

    private static async Task EachAsync(IEnumerable<int> indexes, Func<int, Task> act)
    {
        foreach (var window in indexes.Chunk(FanOut)) await Task.WhenAll(window.Select(act));
    }

    private static GrainState<SubscriberRecordState>[] NewRecords(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new GrainState<SubscriberRecordState>(new SubscriberRecordState()))];

    private static int SizeOf(string application, IReadOnlyList<string> clusters) =>
        application.Length + AroundName + clusters.Sum(cluster => cluster.Length + AroundName);

    private int RecordOf(string application) => NameHash.PartOf(application, _records.Length);

    internal static string NameOf(int index) => $"subscribers-{index}";
}
