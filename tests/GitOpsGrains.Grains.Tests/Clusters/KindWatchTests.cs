using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static GitOpsGrains.Grains.Tests.Clusters.ScriptedConnection;

namespace GitOpsGrains.Grains.Tests.Clusters;

/// <summary>What servers do to a watch, and what the snapshot says after it.</summary>
public sealed class KindWatchTests : IAsyncLifetime
{
    private static readonly ApiResource Resource = new("", "v1", "ConfigMap", "configmaps", true, new HashSet<string> { "list", "watch" });

    private readonly ScriptedConnection _cluster = new();
    private readonly KindSnapshot _snapshot = new(Resource, HealthAssessor.BuiltIn);
    private readonly ConcurrentQueue<string> _changed = new();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _relists = new(1);
    private readonly StoreEpochs _epochs = new();
    private readonly KindWatch _watch;
    private Task _running = Task.CompletedTask;
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly ChangeSignal _returned = new();
    private int _lost;
    private int _listedAnew;

    public KindWatchTests() => _watch = new KindWatch(
        _snapshot, "", _cluster, _relists, _epochs,
        new WatchEvents(NoteChange, () => Interlocked.Increment(ref _listedAnew), () => Interlocked.Increment(ref _lost), _returned), _time, NullLogger.Instance);

    public ValueTask InitializeAsync()
    {
        _running = Task.Run(() => _watch.RunAsync(_stopping.Token));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
        _relists.Dispose();
    }

    [Fact]
    public async Task Run_ListOfManyPages_IsTakenOverWholeAndWatchedFromItsVersion()
    {
        _cluster.Answer(Page("10", "more", ConfigMap("a", "5")));
        _cluster.Answer(Page("10", null, ConfigMap("b", "7")));

        await WatchesAsync(1);

        Assert.Equal(["a", "b"], _changed.Order());
        Assert.Equal("10", _cluster.Watches[0].ResourceVersion);
        Assert.Equal("more", _cluster.Lists[1].Continue);
        Assert.True(_watch.Listed.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Run_ListThatFailsHalfWay_LeavesTheSnapshotAndListsAgain()
    {
        await StartAsync();
        _cluster.Send(Error(ClusterErrorKind.Gone));
        _cluster.Answer(Page("20", "more", ConfigMap("b", "15")));
        _cluster.Answer(new ClusterError(ClusterErrorKind.Gone, 410, "the continue token is too old"));
        _cluster.Answer(Page("21", null, ConfigMap("a", "5"), ConfigMap("c", "21")));

        await WatchesAsync(2);

        Assert.Equal(["a", "c"], Names());
        Assert.Equal("21", _watch.ResourceVersion);
    }

    [Fact]
    public async Task Run_WatchThatIsTooOld_ListsAnewAndTellsWhatIsGone()
    {
        await StartAsync();
        _cluster.Send(Error(ClusterErrorKind.Gone));
        _cluster.Answer(Page("30", null));

        await WatchesAsync(2);

        Assert.Empty(Names());
        Assert.Equal(["a", "a"], _changed);
        Assert.Equal(_epochs.First, _watch.Epoch);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ClusterErrorKind.TimedOut)]
    public async Task Run_WatchThatEndsOrFallsSilent_ResumesFromWhereItWasAfterOneSmallList(ClusterErrorKind? end)
    {
        await StartAsync();
        _cluster.Send(end is { } kind ? Error(kind) : null);
        _cluster.Answer(Page("44", null));

        await WatchesAsync(2);

        Assert.Equal(1, _cluster.Lists[^1].Limit);
        Assert.Equal("10", _cluster.Watches[1].ResourceVersion);
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public async Task Run_ServerThatWentBack_ListsAnewAndTrustsNoEqualVersion()
    {
        await StartAsync();
        _cluster.Send(new WatchEvent(WatchEventKind.Modified, ConfigMap("a", "12"), "12", null));
        await Eventually.TrueAsync(() => _watch.ResourceVersion == "12", "the event");
        _cluster.Send(null);
        _cluster.Answer(Page("11", null));
        // Made anew after the restore, with a number that was given out before.
        _cluster.Answer(Page("12", null, ConfigMap("a", "12")));

        await WatchesAsync(2);

        Assert.Equal(["a", "a", "a"], _changed);
        Assert.True(_watch.Epoch > _epochs.First);
        Assert.Equal("12", _cluster.Watches[1].ResourceVersion);
    }

    /// <summary>A restored etcd that has counted beyond what was seen before looks like any other.</summary>
    [Theory]
    [InlineData(ClusterErrorKind.Unreachable)]
    [InlineData(ClusterErrorKind.TimedOut)]
    [InlineData(ClusterErrorKind.Unavailable)]
    public async Task Run_ServerThatWasAway_ListsAnewAlthoughItsNumbersAreHigher(ClusterErrorKind away)
    {
        await StartAsync();
        _cluster.Send(new WatchEvent(WatchEventKind.Modified, ConfigMap("a", "12"), "12", null));
        await Eventually.TrueAsync(() => _watch.ResourceVersion == "12", "the event");
        _cluster.Send(null);
        _cluster.Answer(new ClusterError(away, 0, "away"));
        _cluster.Answer(Page("90", null));
        _cluster.Answer(Page("90", null, ConfigMap("a", "5")));

        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            lock (_cluster.Watches) return _cluster.Watches.Count == 2;
        }, "the next watch");

        Assert.Equal(["a", "a", "a"], _changed);
        Assert.True(_watch.Epoch > _epochs.First);
        Assert.Equal("90", _cluster.Watches[1].ResourceVersion);
    }

    [Fact]
    public async Task Run_ListThatIsForbidden_SaysSoAndTriesAgainAfterAPause()
    {
        _cluster.Answer(new ClusterError(ClusterErrorKind.Forbidden, 403, "may not"));

        await _watch.Tried.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(ClusterErrorKind.Forbidden, _watch.LastError?.Kind);
        Assert.Equal(0, _lost);
        Assert.False(_watch.Listed.IsCompleted);
        Assert.Null(_watch.ObservedAt);

        _cluster.Answer(Page("10", null, ConfigMap("a", "5")));
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            return _watch.Listed.IsCompleted;
        }, "another list");
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public async Task Run_Events_KeepTheSnapshotEqual()
    {
        await StartAsync();
        _cluster.Send(new WatchEvent(WatchEventKind.Added, ConfigMap("b", "11"), "11", null));
        _cluster.Send(new WatchEvent(WatchEventKind.Deleted, ConfigMap("a", "12"), "12", null));
        _cluster.Send(new WatchEvent(WatchEventKind.Bookmark, null, "50", null));

        await Eventually.TrueAsync(() => _watch.ResourceVersion == "50", "the bookmark");

        Assert.Equal(["b"], Names());
        Assert.Equal(["a", "b", "a"], _changed);
    }

    /// <summary>Who looks while the watch still stands at an older version takes the object to be as it was written last.</summary>
    [Fact]
    public async Task Run_Changes_AreToldWhenTheWatchStandsAtTheirVersion()
    {
        await StartAsync();
        _cluster.Send(new WatchEvent(WatchEventKind.Added, ConfigMap("b", "11"), "11", null));
        _cluster.Send(new WatchEvent(WatchEventKind.Deleted, ConfigMap("a", "12"), "12", null));
        _cluster.Send(Error(ClusterErrorKind.Gone));
        _cluster.Answer(Page("30", null));

        await WatchesAsync(2);

        Assert.Equal(["a: listed at 10", "b: listed at 11", "a: listed at 12", "b: listed at 30"], _seen);
    }

    /// <summary>An object that was written and lost while nobody watched is in no list, and only those who wrote it can miss it.</summary>
    [Fact]
    public async Task Run_ListedAnew_SaysThatAllIsToBeLookedAt()
    {
        await StartAsync();
        Assert.Equal(0, _listedAnew);
        _cluster.Send(Error(ClusterErrorKind.Gone));
        _cluster.Answer(Page("30", null, ConfigMap("a", "5")));

        await WatchesAsync(2);

        Assert.Equal(1, _listedAnew);
        Assert.Equal(["a"], _changed);
    }

    [Fact]
    public async Task Run_ServerThatIsThereAgain_EndsThePause()
    {
        await StartAsync();
        _cluster.Send(Error(ClusterErrorKind.Unreachable));
        await Eventually.TrueAsync(() => Volatile.Read(ref _lost) == 1, "a watch that is lost");
        _cluster.Answer(Page("90", null));
        _cluster.Answer(Page("90", null, ConfigMap("a", "5")));

        // The clock stands still: no pause ends by itself.
        _returned.Raise();
        await WatchesAsync(2);

        // It was away, as the session has seen: it may be a restored one that counts beyond what was seen.
        Assert.Equal("90", _cluster.Watches[1].ResourceVersion);
        Assert.True(_watch.Epoch > _epochs.First);
    }

    [Fact]
    public async Task Run_ServerThatWasThereAgainWhenTheAttemptFailed_WaitsForNoOtherTime()
    {
        await StartAsync();
        _cluster.Send(null);
        await Eventually.TrueAsync(() =>
        {
            lock (_cluster.Lists) return _cluster.Lists.Count == 2;
        }, "a probe");
        _returned.Raise();
        _cluster.Answer(new ClusterError(ClusterErrorKind.Unreachable, 0, "connection refused"));
        _cluster.Answer(Page("90", null));
        _cluster.Answer(Page("90", null, ConfigMap("a", "5")));

        await WatchesAsync(2);

        Assert.Equal("90", _cluster.Watches[1].ResourceVersion);
    }

    [Fact]
    public async Task ObservedAt_WithoutEvents_StaysWhereItWas()
    {
        await StartAsync();
        var before = _watch.ObservedAt!.Value;

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(before, _watch.ObservedAt!.Value, TimeSpan.FromMilliseconds(1));
        _cluster.Send(new WatchEvent(WatchEventKind.Bookmark, null, "50", null));
        await Eventually.TrueAsync(() => _watch.ObservedAt - before >= TimeSpan.FromMinutes(2), "the bookmark to count");
    }

    private void NoteChange(ResourceId id)
    {
        _changed.Enqueue(id.Name);
        _seen.Enqueue($"{id.Name}: {(_watch.Listed.IsCompletedSuccessfully ? "listed" : "not listed")} at {_watch.ResourceVersion}");
    }

    private async Task StartAsync()
    {
        _cluster.Answer(Page("10", null, ConfigMap("a", "5")));
        await WatchesAsync(1);
    }

    private Task WatchesAsync(int count) => Eventually.TrueAsync(() =>
    {
        lock (_cluster.Watches) return _cluster.Watches.Count >= count;
    }, $"{count} watches");

    private IEnumerable<string> Names() => new[] { "a", "b", "c" }.Where(name => _snapshot.Find(new ResourceId("", "ConfigMap", "web", name)) is not null);
}
