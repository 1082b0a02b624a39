using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Past syncs of a target, one entry per operation. The newest few lie in the target's own state, which the end of a sync writes
/// anyway; when they get many they go to a record of their own. Used on the target's scheduler only.
/// </summary>
internal sealed class TargetHistory(IPersistentState<TargetState> state, IPersistentState<TargetHistoryState> older)
{
    private const int MaxEntries = 20;
    private const int MaxInState = 5;
    private const int MaxObjectsInState = 50;

    /// <summary>Revisions whose manifests can be looked at, beside the present one and the last good one.</summary>
    public const int MaxSets = 10;

    private readonly SerialWrites _writes = new();

    private List<HistoryView> Recent => state.State.Recent;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<HistoryView> Entries => [.. Recent.Concat(older.State.Entries).DistinctBy(entry => entry.Id).Take(MaxEntries)];

    /// <summary>Newest first, each commit once.</summary>
    public IReadOnlyList<PastSet> Sets => [.. state.State.Past.Concat(older.State.Past).DistinctBy(set => set.Commit).Take(MaxSets)];

    public HistoryView? Find(string operation) => Recent.Find(entry => entry.Id == operation) ?? older.State.Entries.Find(entry => entry.Id == operation);

    /// <summary>Another try of an operation is joined to the earlier ones. Stored with the target's state.</summary>
    public void Record(HistoryView entry)
    {
        var before = Find(entry.Id);
        Recent.RemoveAll(known => known.Id == entry.Id);
        Recent.Insert(0, before is null ? entry : HistoryTries.Join(before, entry));
    }

    /// <summary>Takes note of a set that is no more the last good one. Stored with the target's state.</summary>
    public void RecordSet(LastGoodSet set)
    {
        if (set.ManifestKey is not { } key) return;
        state.State.Past.RemoveAll(known => known.Commit == set.Commit);
        state.State.Past.Insert(0, new PastSet { Commit = set.Commit, ManifestKey = key });
        if (state.State.Past.Count > MaxSets) state.State.Past.RemoveAt(MaxSets);
    }

    /// <summary>An entry stays where it stands and says something else. Stored with the target's state.</summary>
    public void Replace(HistoryView entry)
    {
        var at = Recent.FindIndex(known => known.Id == entry.Id);
        if (at >= 0) Recent[at] = entry;
        else Recent.Add(entry);
    }

    /// <summary>Moves the entries to their record when they are too many for the state: written there first, so that none is ever nowhere.</summary>
    public Task SpillAsync() => Recent.Count <= MaxInState && Recent.Sum(entry => entry.Objects.Count) <= MaxObjectsInState ? Task.CompletedTask : _writes.RunAsync(MoveAsync);

    private async Task MoveAsync()
    {
        var (moved, movedSets) = (Recent.ToArray(), state.State.Past.ToArray());
        (older.State.Entries, older.State.Past) = ([.. Entries], [.. Sets]);
        await older.WriteStateAsync();
        Recent.RemoveAll(entry => moved.Contains(entry));
        state.State.Past.RemoveAll(set => movedSets.Contains(set));
    }
}
