using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>Where the entries of the history lie, and that none is ever nowhere.</summary>
public sealed class TargetHistoryTests
{
    private readonly Stored<TargetState> _state = new();
    private readonly Stored<TargetHistoryState> _older = new();

    [Fact]
    public async Task Record_FewSyncs_AreInTheStateAlone()
    {
        var history = new TargetHistory(_state, _older);

        for (var number = 1; number <= 5; number++) await RecordAsync(history, number);

        Assert.Equal(0, _older.Writes);
        Assert.Equal(["5", "4", "3", "2", "1"], history.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task Record_TwentyFiveSyncs_KeepsTwentyAndWritesTheRecordForEverySixth()
    {
        var history = new TargetHistory(_state, _older);

        for (var number = 1; number <= 25; number++) await RecordAsync(history, number);

        Assert.Equal(4, _older.Writes);
        Assert.Equal(Enumerable.Range(6, 20).Reverse().Select(Name), history.Entries.Select(entry => entry.Id));
        Assert.InRange(_state.State.Recent.Count, 0, 5);
    }

    [Fact]
    public async Task Record_OfManyObjects_GoesToTheRecordAtOnce()
    {
        var history = new TargetHistory(_state, _older);

        history.Record(new HistoryView { Id = "1", Objects = [.. Enumerable.Range(0, 51).Select(number => new HistoryObjectView { Object = Name(number) })] });
        await history.SpillAsync();

        Assert.Empty(_state.State.Recent);
        Assert.Equal("1", Assert.Single(history.Entries).Id);
    }

    [Fact]
    public async Task Spill_ThatFails_LosesNoEntry()
    {
        var history = new TargetHistory(_state, _older);
        for (var number = 1; number <= 5; number++) await RecordAsync(history, number);
        _older.Fails = true;
        history.Record(new HistoryView { Id = "6" });

        await Assert.ThrowsAsync<IOException>(history.SpillAsync);

        Assert.Equal(6, _state.State.Recent.Count);
        Assert.Equal(["6", "5", "4", "3", "2", "1"], history.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task Spill_WhileAnotherEnds_LeavesTheNewOneInTheState()
    {
        var history = new TargetHistory(_state, _older);
        for (var number = 1; number <= 5; number++) await RecordAsync(history, number);
        history.Record(new HistoryView { Id = "6" });
        _older.Waits = new TaskCompletionSource();
        var spilling = history.SpillAsync();

        history.Record(new HistoryView { Id = "7" });
        _older.Waits.SetResult();
        await spilling;

        Assert.Equal(["7"], _state.State.Recent.Select(entry => entry.Id));
        Assert.Equal(["7", "6", "5", "4", "3", "2", "1"], history.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task Record_OfAnotherTryOfAnOlderOperation_IsOneEntry()
    {
        var history = new TargetHistory(_state, _older);
        for (var number = 1; number <= 6; number++) await RecordAsync(history, number);

        history.Record(new HistoryView { Id = "2", Result = "Succeeded" });

        Assert.Equal(["2", "6", "5", "4", "3", "1"], history.Entries.Select(entry => entry.Id));
        Assert.Equal(2, history.Entries[0].Attempts);
    }

    [Fact]
    public async Task Sets_OfManySyncs_AreTheNewestOfEachCommit_AndGoToTheRecordWithTheEntries()
    {
        var history = new TargetHistory(_state, _older);
        for (var number = 1; number <= 15; number++)
        {
            history.RecordSet(Good($"c{number}", $"k{number}"));
            await RecordAsync(history, number);
        }
        history.RecordSet(Good("c9", "k9-again"));
        history.RecordSet(Good("c16", null));

        Assert.Equal(
            ["c9 k9-again", "c15 k15", "c14 k14", "c13 k13", "c12 k12", "c11 k11", "c10 k10", "c8 k8", "c7 k7", "c6 k6"],
            history.Sets.Select(set => $"{set.Commit} {set.ManifestKey}"));
        Assert.Equal(["c9", "c15", "c14", "c13"], _state.State.Past.Select(set => set.Commit));
        Assert.Equal(2, _older.Writes);
    }

    [Fact]
    public void Sets_WithoutASpill_AreBounded()
    {
        var history = new TargetHistory(_state, _older);
        for (var number = 1; number <= 15; number++) history.RecordSet(Good($"c{number}", "k"));

        Assert.Equal(TargetHistory.MaxSets, _state.State.Past.Count);
        Assert.Equal("c15", history.Sets[0].Commit);
    }

    private static LastGoodSet Good(string commit, string? key) => new() { Commit = commit, ManifestKey = key };

    private static async Task RecordAsync(TargetHistory history, int number)
    {
        history.Record(new HistoryView { Id = Name(number) });
        await history.SpillAsync();
    }

    private static string Name(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Stored<T> : IPersistentState<T> where T : new()
    {
        public int Writes { get; private set; }

        public bool Fails { get; set; }

        public TaskCompletionSource? Waits { get; set; }

        public T State { get; set; } = new();

        public string Etag => "";

        public bool RecordExists => Writes > 0;

        public Task ClearStateAsync() => throw new NotSupportedException();

        public Task ReadStateAsync() => throw new NotSupportedException();

        public async Task WriteStateAsync()
        {
            if (Fails) throw new IOException("full");
            if (Waits is { } waits) await waits.Task;
            Writes++;
        }
    }
}
