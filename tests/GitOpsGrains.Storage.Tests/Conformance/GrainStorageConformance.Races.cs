using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Conformance;

public abstract partial class GrainStorageConformance
{
    [Fact]
    public async Task Write_ManyInParallel_EachIsStoredUnderItsEtag()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, token) =>
        {
            var id = NewId();
            var state = New("parallel", number);
            for (var round = 0; round < 10; round++)
            {
                var before = state.ETag;
                state.State!.Labels["round"] = $"{round}";
                await _storage.WriteStateAsync(Name, id, state, token);
                Assert.NotEqual(before, state.ETag);
                var read = await ReadAsync(id);
                Assert.Equal(state.ETag, read.ETag);
                Assert.Equal((number, $"{round}"), (read.State!.Number, read.State.Labels["round"]));
            }
        });
    }

    [Fact]
    public async Task Write_RaceForOneRecord_ExactlyOneWinsEachRound()
    {
        var id = NewId();
        await _storage.WriteStateAsync(Name, id, New("start", 0));
        for (var round = 1; round <= 10; round++)
        {
            var racers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(id)));
            var wins = await Task.WhenAll(racers.Select(TryIncrementAsync));
            Assert.Equal(1, wins.Count(won => won));
            Assert.Equal(round, (await ReadAsync(id)).State!.Number);
        }

        async Task<bool> TryIncrementAsync(GrainState<ConformanceState> state)
        {
            await Task.Yield();
            state.State!.Number++;
            return (await Record.ExceptionAsync(() => _storage.WriteStateAsync(Name, id, state))) switch
            {
                null => true,
                InconsistentStateException => false,
                var other => throw other,
            };
        }
    }

    [Fact]
    public async Task Insert_RaceForOneRecord_ExactlyOneWins()
    {
        var id = NewId();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(
            async () => await Record.ExceptionAsync(() => _storage.WriteStateAsync(Name, id, New("racer", number))))));
        Assert.Single(outcomes, outcome => outcome is null);
        Assert.Equal(15, outcomes.Count(outcome => outcome is InconsistentStateException));
    }
}
