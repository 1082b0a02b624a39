using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Fleet;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Grains.Tests.Fleet;

/// <summary>Whoever watches sees each change once, those of a silo in their order.</summary>
public sealed class FleetFeedTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FleetFeedGrain _feed;
    private SeriesPosition _one = SeriesPosition.Begin(16);
    private SeriesPosition _other = SeriesPosition.Begin(16);

    public FleetFeedTests() => _feed = new FleetFeedGrain(_time);

    [Fact]
    public async Task Changes_BatchThatArrivesTwiceAndLate_AreToldOnce()
    {
        var begin = (await _feed.ReadAsync("", TimeSpan.Zero, CancellationToken.None)).Cursor;
        WatchEventView[] givenUp = [Of("a", ref _one), Of("b", ref _one)];

        await _feed.OnChangedAsync([.. givenUp, Of("c", ref _one)]);
        await _feed.OnChangedAsync([Of("d", ref _other)]);
        await _feed.OnChangedAsync(givenUp);
        await _feed.OnChangedAsync([Of("e", ref _one)]);

        Assert.Equal(["a", "b", "c", "d", "e"], (await _feed.ReadAsync(begin, TimeSpan.Zero, CancellationToken.None)).Events.Select(change => change.Name));
    }

    [Fact]
    public async Task Changes_ToldByManyThreads_AreAllTold()
    {
        const int Each = 200;
        var begin = (await _feed.ReadAsync("", TimeSpan.Zero, CancellationToken.None)).Cursor;
        using var outbox = new Outbox<WatchEventView>(new PendingChanges(), _feed.OnChangedAsync, _time, NullLogger.Instance);

        Parallel.For(0, 8, thread =>
        {
            for (var number = 0; number < Each; number++) outbox.Tell(new WatchEventView { Name = $"{thread}" });
        });
        for (var batch = 0; batch < 2; batch++) _time.Advance(Outbox<WatchEventView>.Pause);

        var told = 0;
        for (var page = await _feed.ReadAsync(begin, TimeSpan.Zero, CancellationToken.None); page.Events.Count > 0; page = await _feed.ReadAsync(page.Cursor, TimeSpan.Zero, CancellationToken.None))
            told += page.Events.Count;
        Assert.Equal(8 * Each, told);
    }

    [Fact]
    public async Task Changes_WithoutANumber_AreAllTold()
    {
        var begin = (await _feed.ReadAsync("", TimeSpan.Zero, CancellationToken.None)).Cursor;

        await _feed.OnChangedAsync([new WatchEventView { Name = "a" }, new WatchEventView { Name = "a" }]);

        Assert.Equal(["a", "a"], (await _feed.ReadAsync(begin, TimeSpan.Zero, CancellationToken.None)).Events.Select(change => change.Name));
    }

    private static WatchEventView Of(string name, ref SeriesPosition last) => new() { Name = name, Sequence = (last = last.Next).ToString() };
}
