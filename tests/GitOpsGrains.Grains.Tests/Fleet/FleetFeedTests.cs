using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Fleet;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Grains.Tests.Fleet;

/// <summary>Whoever watches sees each change once, those of a silo in their order.</summary>
public sealed class FleetFeedTests
{
    private readonly FleetFeedGrain _feed = new(new FakeTimeProvider());
    private readonly ChangeNumbers _one = new();
    private readonly ChangeNumbers _other = new();

    [Fact]
    public async Task Changes_BatchThatArrivesTwiceAndLate_AreToldOnce()
    {
        var begin = (await _feed.ReadAsync("", TimeSpan.Zero, CancellationToken.None)).Cursor;
        WatchEventView[] givenUp = [Of("a", _one), Of("b", _one)];

        await _feed.OnChangedAsync([.. givenUp, Of("c", _one)]);
        await _feed.OnChangedAsync([Of("d", _other)]);
        await _feed.OnChangedAsync(givenUp);
        await _feed.OnChangedAsync([Of("e", _one)]);

        Assert.Equal(["a", "b", "c", "d", "e"], (await _feed.ReadAsync(begin, TimeSpan.Zero, CancellationToken.None)).Events.Select(change => change.Name));
    }

    [Fact]
    public async Task Changes_WithoutANumber_AreAllTold()
    {
        var begin = (await _feed.ReadAsync("", TimeSpan.Zero, CancellationToken.None)).Cursor;

        await _feed.OnChangedAsync([new WatchEventView { Name = "a" }, new WatchEventView { Name = "a" }]);

        Assert.Equal(["a", "a"], (await _feed.ReadAsync(begin, TimeSpan.Zero, CancellationToken.None)).Events.Select(change => change.Name));
    }

    private static WatchEventView Of(string name, ChangeNumbers sender) => new() { Name = name, Sequence = sender.Next() };
}
