using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Grains.Fleet;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Grains.Tests.Fleet;

/// <summary>News arrive, whatever happens to the silo that they are sent to.</summary>
public sealed class OutboxTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _arrived = [];
    private int _failures;
    private TaskCompletionSource? _hang;

    [Fact]
    public void Tell_SeveralTogether_SendsThemInOneBatchAndTheNewestOfEach()
    {
        using var outbox = Rows();

        outbox.Tell(Row("a", SyncStatus.Unknown));
        outbox.Tell(Row("b", SyncStatus.Synced));
        outbox.Tell(Row("a", SyncStatus.Synced));
        _time.Advance(Outbox<FleetRow>.Pause);

        Assert.Equal(["a Synced, b Synced"], _arrived);
    }

    [Fact]
    public void Tell_WhileTheGrainCanNotBeReached_IsSentAgainUntilItIs()
    {
        using var outbox = Rows();
        _failures = 3;

        outbox.Tell(Row("a", SyncStatus.Synced));
        _time.Advance(Outbox<FleetRow>.Pause);
        for (var again = 0; again < 2; again++) _time.Advance(Outbox<FleetRow>.RetryPause);
        Assert.Empty(_arrived);
        _time.Advance(Outbox<FleetRow>.RetryPause);

        Assert.Equal(["a Synced"], _arrived);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(_arrived);
    }

    [Fact]
    public void Tell_SomethingNewerWhileTheOlderIsUnderWay_SendsTheNewerOnceTheOlderHasFailed()
    {
        using var outbox = Rows();
        _hang = new TaskCompletionSource();
        outbox.Tell(Row("a", SyncStatus.Unknown));
        _time.Advance(Outbox<FleetRow>.Pause);

        outbox.Tell(Row("a", SyncStatus.Synced));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_arrived);
        _hang.SetException(new TimeoutException());
        _hang = null;
        _time.Advance(Outbox<FleetRow>.RetryPause);

        Assert.Equal(["a Synced"], _arrived);
    }

    [Fact]
    public void Tell_ThatNeverArrives_IsAWarningInTheEnd()
    {
        var lines = new LogLines();
        using var outbox = new Outbox<FleetRow>(new PendingRows(), _ => Task.FromException(new TimeoutException()), _time, lines);
        outbox.Tell(Row("a", SyncStatus.Synced));
        _time.Advance(Outbox<FleetRow>.Pause);

        for (var again = 0; again < 28; again++) _time.Advance(Outbox<FleetRow>.RetryPause);
        Assert.DoesNotContain(LogLevel.Warning, lines.Levels);
        _time.Advance(Outbox<FleetRow>.RetryPause);

        Assert.Equal(LogLevel.Warning, lines.Levels[^1]);
        Assert.Equal(30, lines.Levels.Count);
    }

    [Fact]
    public void Tell_ChangesOfWhichABatchFails_KeepsTheirOrder()
    {
        using var outbox = new Outbox<WatchEventView>(new PendingChanges(), SendAsync, _time, NullLogger.Instance);
        _failures = 1;
        outbox.Tell(new WatchEventView { Name = "1" });
        outbox.Tell(new WatchEventView { Name = "2" });
        _time.Advance(Outbox<WatchEventView>.Pause);

        outbox.Tell(new WatchEventView { Name = "3" });
        _time.Advance(Outbox<WatchEventView>.RetryPause);

        Assert.Equal(["1, 2, 3"], _arrived);

        Task SendAsync(IReadOnlyList<WatchEventView> batch) => ArriveAsync(string.Join(", ", batch.Select(change => change.Name)));
    }

    [Fact]
    public void Tell_MoreChangesThanAreKept_DropsTheOldest()
    {
        var pending = new PendingChanges();
        for (var number = 0; number < PendingChanges.Capacity + 2; number++) pending.Add(new WatchEventView { Name = $"{number}" });

        var first = pending.Take(2);
        pending.PutBack(first);
        pending.PutBack([new WatchEventView { Name = "older" }]);

        Assert.Equal(["2", "3"], first.Select(change => change.Name));
        Assert.Equal(["2", "3", "4"], pending.Take(3).Select(change => change.Name));
    }

    [Fact]
    public void Dispose_WhileItTriesAgain_EndsThat()
    {
        var outbox = Rows();
        _failures = int.MaxValue;
        outbox.Tell(Row("a", SyncStatus.Synced));
        _time.Advance(Outbox<FleetRow>.Pause);
        var before = _failures;

        outbox.Dispose();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(before, _failures);
    }

    private Outbox<FleetRow> Rows() =>
        new(new PendingRows(), batch => ArriveAsync(string.Join(", ", batch.OrderBy(row => row.Application).Select(row => $"{row.Application} {row.Sync}"))), _time, NullLogger.Instance);

    private static FleetRow Row(string application, SyncStatus sync) => new() { Application = application, Sync = sync };

    private Task ArriveAsync(string batch)
    {
        if (_hang is { } hang) return hang.Task;
        if (_failures > 0)
        {
            _failures--;
            return Task.FromException(new TimeoutException());
        }
        _arrived.Add(batch);
        return Task.CompletedTask;
    }
}
