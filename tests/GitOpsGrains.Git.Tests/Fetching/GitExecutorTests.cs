using System.Diagnostics.Metrics;
using GitOpsGrains.Git.Fetching;

namespace GitOpsGrains.Git.Tests.Fetching;

public sealed class GitExecutorTests
{
    [Fact]
    public async Task Run_WithMoreJobsThanThreads_RunsAtMostThatManyAtOnce()
    {
        using var executor = new GitExecutor("test", threads: 2, queueLength: 100);
        using var release = new ManualResetEventSlim();
        using var started = new CountdownEvent(2);
        var running = 0;
        var most = 0;

        var jobs = Enumerable.Range(0, 10).Select(index => executor.RunAsync(() =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (!started.IsSet) started.Signal();
            release.Wait();
            Interlocked.Decrement(ref running);
            return index;
        }, CancellationToken.None)).ToList();
        Assert.True(started.Wait(TimeSpan.FromSeconds(10)));
        release.Set();

        Assert.Equal(Enumerable.Range(0, 10), await Task.WhenAll(jobs));
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Run_WithAFullQueue_WaitsAtTheCallerUntilItGivesUp()
    {
        const string Queue = "full-queue-of-a-test";
        var depth = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "gitopsgrains.queue.waiting") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, change, tags, _) =>
        {
            if (tags[0].Value as string == Queue) Interlocked.Add(ref depth, change);
        });
        listener.Start();
        using var executor = new GitExecutor(Queue, threads: 1, queueLength: 1);
        using var release = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var blocking = executor.RunAsync(() =>
        {
            started.Set();
            release.Wait();
            return 1;
        }, CancellationToken.None);
        Assert.True(started.Wait(TimeSpan.FromSeconds(10)));
        var queued = executor.RunAsync(() => 2, CancellationToken.None);
        using var patience = new CancellationTokenSource();
        var waiting = executor.RunAsync(() => 3, patience.Token);
        Assert.Equal(2, Interlocked.Read(ref depth));

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(1, Interlocked.Read(ref depth));
        release.Set();
        Assert.Equal(1, await blocking);
        Assert.Equal(2, await queued);
        Assert.Equal(0, Interlocked.Read(ref depth));
    }

    [Fact]
    public async Task Run_OfAFailingJob_GivesItsExceptionAndKeepsTheThread()
    {
        using var executor = new GitExecutor("test", threads: 1, queueLength: 1);

        await Assert.ThrowsAsync<InvalidDataException>(() => executor.RunAsync<int>(() => throw new InvalidDataException(), CancellationToken.None));

        Assert.Equal(7, await executor.RunAsync(() => 7, CancellationToken.None));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
