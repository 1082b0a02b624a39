namespace GitOpsGrains.Grains.Tests;

public sealed class SharedWritesTests
{
    private readonly List<TaskCompletionSource> _begun = [];

    private SharedWrites Writes => field ??= new SharedWrites(() =>
    {
        _begun.Add(new TaskCompletionSource());
        return _begun[^1].Task;
    });

    [Fact]
    public async Task Run_AskedForByManyWhileOneIsUnderWay_AreTwoWrites()
    {
        var first = Writes.RunAsync();
        var others = Enumerable.Range(0, 1000).Select(_ => Writes.RunAsync()).ToArray();
        Assert.Single(_begun);
        Assert.False(Task.WhenAny(others).IsCompleted);

        _begun[0].SetResult();
        await first;
        await BegunAsync(2);
        // What was changed after it began is in none of the two.
        var late = Writes.RunAsync();
        _begun[1].SetResult();
        await Task.WhenAll(others);
        Assert.False(late.IsCompleted);

        await BegunAsync(3);
        _begun[2].SetResult();
        await late;
        Assert.Equal(3, _begun.Count);
    }

    [Fact]
    public async Task Run_WhoseWriteFails_FailsForAllWhoShareItAndForNobodyElse()
    {
        var first = Writes.RunAsync();
        var (one, two) = (Writes.RunAsync(), Writes.RunAsync());
        _begun[0].SetException(new IOException("first"));
        await BegunAsync(2);
        var after = Writes.RunAsync();
        _begun[1].SetException(new IOException("second"));
        await BegunAsync(3);
        _begun[2].SetResult();

        Assert.Equal("first", (await Assert.ThrowsAsync<IOException>(() => first)).Message);
        Assert.Equal("second", (await Assert.ThrowsAsync<IOException>(() => one)).Message);
        Assert.Equal("second", (await Assert.ThrowsAsync<IOException>(() => two)).Message);
        await after;
    }

    [Fact]
    public async Task Stored_WithNothingUnderWay_IsSoAtOnceAlsoAfterAFailure()
    {
        Assert.True(Writes.StoredAsync().IsCompletedSuccessfully);
        var first = Writes.RunAsync();
        _begun[0].SetException(new IOException("first"));
        await Assert.ThrowsAsync<IOException>(() => first);

        Assert.True(Writes.StoredAsync().IsCompletedSuccessfully);
        Assert.Single(_begun);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task Stored_WithTwoAskedFor_FailsIfEitherFails(bool firstFails, bool secondFails, bool isStored)
    {
        Task[] asked = [Writes.RunAsync(), Writes.RunAsync()];
        var stored = Writes.StoredAsync();
        End(0, firstFails);
        await BegunAsync(2);
        Assert.False(stored.IsCompleted);
        End(1, secondFails);

        if (isStored) await stored;
        else await Assert.ThrowsAsync<IOException>(() => stored);
        Assert.Equal([!firstFails, !secondFails], asked.Select(task => task.IsCompletedSuccessfully));
        Assert.Equal(2, _begun.Count);

        void End(int write, bool fails)
        {
            if (fails) _begun[write].SetException(new IOException("refused"));
            else _begun[write].SetResult();
        }
    }

    [Fact]
    public async Task Ended_WaitsForWhatWasAskedForAndFailsWithNone()
    {
        await Writes.EndedAsync();
        var first = Writes.RunAsync();
        var second = Writes.RunAsync();
        var ended = Writes.EndedAsync();
        _begun[0].SetResult();
        await first;
        await BegunAsync(2);
        Assert.False(ended.IsCompleted);
        _begun[1].SetException(new IOException("refused"));
        await ended;
        await Assert.ThrowsAsync<IOException>(() => second);
    }

    /// <summary>Whoever waits goes by what is in memory then: a command that came meanwhile may still be refused.</summary>
    [Fact]
    public async Task Ended_WaitsForWhatIsAskedForMeanwhileToo()
    {
        var first = Writes.RunAsync();
        var ended = Writes.EndedAsync();
        var command = Writes.RunAsync();
        _begun[0].SetResult();
        await first;
        await BegunAsync(2);
        Assert.False(ended.IsCompleted);
        _begun[1].SetException(new IOException("refused"));
        await Assert.ThrowsAsync<IOException>(() => command);
        await ended;
    }

    /// <summary>On one scheduler, as in a grain.</summary>
    [Fact]
    public Task Run_WhoseWriteIsRefused_IsUndoneBeforeTheNextBegins() => Task.Factory.StartNew(async () =>
    {
        var (document, stored) = ("before", new List<string>());
        var answers = new List<TaskCompletionSource>();
        var writes = new SharedWrites(() =>
        {
            stored.Add(document);
            answers.Add(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return answers[^1].Task;
        });
        var first = writes.RunAsync();
        document = "refused";
        var command = writes.RunAsync().OrUndoAsync(() => document = "before");
        answers[0].SetResult();
        await first;
        await Testing.Eventually.TrueAsync(() => stored.Count == 2, "the command's write");
        var next = writes.RunAsync();
        answers[1].SetException(new IOException("refused"));
        await Assert.ThrowsAsync<IOException>(() => command);
        await Testing.Eventually.TrueAsync(() => stored.Count == 3, "the next write");
        answers[2].SetResult();
        await next;

        Assert.Equal(["before", "refused", "before"], stored);
    }, TestContext.Current.CancellationToken, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private Task BegunAsync(int writes) => Testing.Eventually.TrueAsync(() => _begun.Count >= writes, $"write {writes} begun");
}
