using System.Collections.Concurrent;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Installations;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static GitOpsGrains.Grains.Tests.Clusters.ScriptedConnection;

namespace GitOpsGrains.Grains.Tests.Clusters;

/// <summary>What a session says after its server may have gone back: which reads can be compared, and what nobody desires.</summary>
public sealed class ClusterSessionReturningTests : IAsyncLifetime
{
    private const string Web = "default~web~prod";

    private static readonly ApiResource Resource = new("", "v1", "ConfigMap", "configmaps", true, new HashSet<string> { "list", "watch" });

    private readonly Connector _connector = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterSessions _sessions;

    public ClusterSessionReturningTests() => _sessions = new ClusterSessions(_connector, HealthAssessor.BuiltIn, _time, NullLogger<ClusterSession>.Instance);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _sessions.DisposeAsync();

    [Fact]
    public async Task Observe_WatchesMadeAfterAnUntrustedServer_AreOfALaterEpoch()
    {
        var session = await OpenAsync();
        var unwatched = session.Observe(IdOf("a"));
        await WatchAsync(session, Owned("a", "default/web"));
        var before = session.Observe(IdOf("a"));
        await DistrustAsync(session);

        var between = session.Observe(IdOf("a"));
        await WatchAsync(session, Owned("a", "default/web"));
        var after = session.Observe(IdOf("a"));

        Assert.Equal((unwatched.Epoch, false, true), (before.Epoch, unwatched.IsWatched, before.IsWatched));
        Assert.True(after.Epoch > before.Epoch);
        Assert.Equal((after.Epoch, false, true), (between.Epoch, between.IsWatched, after.IsWatched));
    }

    [Fact]
    public async Task Observe_NewSessionOfTheSameCluster_IsOfALaterEpoch()
    {
        var first = await OpenAsync();
        await WatchAsync(first, Owned("a", "default/web"));
        var before = first.Observe(IdOf("a")).Epoch;
        await _sessions.CloseAsync("prod");

        var second = await OpenAsync();
        await WatchAsync(second, Owned("a", "default/web"));

        Assert.True(second.Observe(IdOf("a")).Epoch > before);
    }

    [Fact]
    public async Task State_ServerThatLosesItsWatches_IsKnownBeforeTheNextLookWouldBe()
    {
        var session = await OpenAsync();
        await WatchAsync(session, Owned("a", "default/web"));
        _connector.Now.Server = new ClusterError(ClusterErrorKind.Unreachable, 0, "connection refused");

        _connector.Now.Send(Error(ClusterErrorKind.Unreachable));

        // Sooner than any turn of its own.
        await Eventually.TrueAsync(() => !session.State.IsReady, "a look", ProbePace.Shortest / 2);
        Assert.InRange(_connector.Now.Probes, 2, 3);
    }

    [Fact]
    public async Task Unclaimed_FirstSessionOfACluster_IsEmpty()
    {
        var session = await OpenAsync();
        await WatchAsync(session, Owned("gone", "default/web"));

        await LookAsync(session);

        Assert.Empty(session.Unclaimed);
    }

    [Fact]
    public async Task Unclaimed_ServerWentBack_AreThoseOfThisInstallationThatNobodyDesires()
    {
        var session = await OpenAsync();
        session.Claim(Web, new HashSet<ResourceId> { IdOf("kept") });
        await WatchAsync(session, Owned("kept", "default/web"));
        _connector.Now.Send(null);
        _connector.Now.Answer(Page("5", null));
        _connector.Now.Answer(Page("6", null, Owned("kept", "default/web"), Owned("gone", "default/web"), Owned("theirs", "other/web"), ConfigMap("nobodys", "4")));

        await Eventually.TrueAsync(() =>
        {
            lock (_connector.Now.Watches) return _connector.Now.Watches.Count == 2;
        }, "the next watch");

        Assert.Equal(["gone"], session.Unclaimed.Select(id => id.Name));
    }

    [Fact]
    public async Task Unclaimed_WatchesMadeAfterAnUntrustedServer_AreThoseOfThisInstallationThatNobodyDesires()
    {
        var session = await OpenAsync();
        session.Claim(Web, new HashSet<ResourceId> { IdOf("kept") });
        await WatchAsync(session, Owned("kept", "default/web"));
        await DistrustAsync(session);
        await WatchAsync(session, Owned("kept", "default/web"), Owned("gone", "default/web"), Owned("theirs", "other/web"));

        await LookAsync(session);

        Assert.Equal(["gone"], session.Unclaimed.Select(id => id.Name));
    }

    [Fact]
    public async Task Unclaimed_NewSessionOfTheSameCluster_WaitsUntilAllTargetsHaveSpoken()
    {
        await OpenAsync();
        await _sessions.CloseAsync("prod");
        var session = await OpenAsync(targets: [Web]);
        await WatchAsync(session, Owned("kept", "default/web"), Owned("gone", "default/web"));
        await LookAsync(session);
        Assert.Empty(session.Unclaimed);

        session.Claim(Web, new HashSet<ResourceId> { IdOf("kept") });
        await LookAsync(session);

        Assert.Equal(["gone"], session.Unclaimed.Select(id => id.Name));
    }

    /// <summary>The second one asks while the first one's answer is on its way, and a look at the server comes in between.</summary>
    [Fact]
    public async Task Rediscover_TwoThatOverlap_TheNewestAnswerStands()
    {
        var session = await OpenAsync();
        var connection = _connector.Now;
        connection.HoldsDiscoveries = true;
        var (first, second) = (session.RediscoverAsync(TestContext.Current.CancellationToken), session.RediscoverAsync(TestContext.Current.CancellationToken));
        await LookAsync(session);

        var before = connection.Kinds = new ApiCatalog([Resource], []);
        Assert.True(connection.Discoveries.TryDequeue(out var asked));
        asked.SetResult();
        Assert.Same(before, await first);
        Assert.Same(before, session.State.Catalog);
        var after = connection.Kinds = new ApiCatalog([Resource, Resource with { Kind = "Secret", Plural = "secrets" }], []);
        Assert.True(connection.Discoveries.TryDequeue(out asked));
        asked.SetResult();

        Assert.Same(after, await second);
        Assert.Same(after, session.State.Catalog);
        await LookAsync(session);
        Assert.Same(after, session.State.Catalog);
    }

    [Fact]
    public async Task RediscoverAfter_ManyThatWaitForKinds_AskTheServerOnceInThatTime()
    {
        var session = await OpenAsync();
        var connection = _connector.Now;
        connection.HoldsDiscoveries = true;
        var minute = TimeSpan.FromMinutes(1);

        var all = Enumerable.Range(0, 5).Select(_ => session.RediscoverAfterAsync(minute, TestContext.Current.CancellationToken)).ToArray();
        Assert.True(Assert.Single(connection.Discoveries).TrySetResult());
        await Task.WhenAll(all);
        _time.Advance(minute - TimeSpan.FromTicks(1));
        await session.RediscoverAfterAsync(minute, TestContext.Current.CancellationToken);
        Assert.Single(connection.Discoveries);

        _time.Advance(minute);
        var again = session.RediscoverAfterAsync(minute, TestContext.Current.CancellationToken);
        Assert.Equal(2, connection.Discoveries.Count);
        connection.Discoveries.Last().SetResult();
        await again;
    }

    /// <summary>One commit moves a definition and its objects to another version; the one before is served no more.</summary>
    [Fact]
    public async Task Watch_KindWhoseVersionIsServedNoMore_IsWatchedInTheOneThatIsWanted()
    {
        var session = await OpenAsync();
        await WatchAsync(session, Owned("a", "default/web"));
        var wanted = Resource with { Version = "v2" };
        _connector.Now.Answer(Page("20", null, Owned("b", "default/web")));

        Assert.Empty(await session.WatchAsync([(wanted, "web")], TestContext.Current.CancellationToken));

        Assert.NotNull(session.Observe(IdOf("b")).Object);
        Assert.Null(session.Observe(IdOf("a")).Object);
    }

    [Fact]
    public async Task Watch_NamespaceThatIsForbidden_KeepsNoOtherFromBeingWatched()
    {
        var session = await OpenAsync(["one", "web"]);
        _connector.Now.Answer(new ClusterError(ClusterErrorKind.Forbidden, 403, "may not"));
        _connector.Now.Answer(Page("10", null, Owned("a", "default/web")));

        var failed = await session.WatchAsync([(Resource, "one"), (Resource, "web")], TestContext.Current.CancellationToken);

        Assert.Equal(ClusterErrorKind.Forbidden, Assert.Single(failed).Error.Kind);
        Assert.Equal(2, _connector.Now.Lists.Select(list => list.Namespace).Distinct().Count());
    }

    private async Task<ClusterSession> OpenAsync(IReadOnlyList<string>? namespaces = null, IReadOnlyList<string>? targets = null)
    {
        var session = _sessions.Open(new ClusterAccess("prod", null, null, false), namespaces ?? [], null, new InstallationIdentity("default", "id-1"), targets ?? [], (_, _) => Task.FromResult(false), _ => { });
        await session.Tried.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(session.State.IsReady, session.State.Condition?.Message);
        return session;
    }

    private async Task WatchAsync(ClusterSession session, params LiveObject[] listed)
    {
        _connector.Now.Answer(Page("10", null, listed));
        Assert.Empty(await session.WatchAsync([(Resource, "web")], TestContext.Current.CancellationToken));
    }

    /// <summary>The server shows a certificate that is not trusted; the next connection finds one that is.</summary>
    private async Task DistrustAsync(ClusterSession session)
    {
        var distrusted = _connector.Now;
        distrusted.Server = new ClusterError(ClusterErrorKind.Untrusted, 0, "unknown authority");
        await Eventually.TrueAsync(() =>
        {
            session.LookNow();
            return _connector.Now != distrusted && session.State.IsReady;
        }, "a new connection");
    }

    /// <summary>Two looks have begun since: the first of them is over.</summary>
    private async Task LookAsync(ClusterSession session)
    {
        var (connection, before) = (_connector.Now, _connector.Now.Probes);
        await Eventually.TrueAsync(() =>
        {
            session.LookNow();
            return connection.Probes >= before + 2 && session.State.IsReady;
        }, "two looks");
    }

    private static ResourceId IdOf(string name) => new("", "ConfigMap", "web", name);

    private static LiveObject Owned(string name, string owner) => LiveObject.From(JsonElement.Parse($$"""
        {"metadata":{"name":"{{name}}","namespace":"web","uid":"uid-{{name}}","resourceVersion":"4","annotations":{"gitopsgrains.io/target":"{{owner}}/web:/ConfigMap:web/{{name}}"} } }
        """), "v1", "ConfigMap");

    private sealed class Connector : IClusterConnector
    {
        private readonly ConcurrentStack<ScriptedConnection> _made = new();

        public ScriptedConnection Now => _made.TryPeek(out var last) ? last : throw new InvalidOperationException("there is no connection yet");

        public Task<ClusterAnswer<IClusterConnection>> ConnectAsync(ClusterAccess access, CancellationToken cancellationToken)
        {
            var connection = new ScriptedConnection();
            _made.Push(connection);
            return Task.FromResult(new ClusterAnswer<IClusterConnection>(connection, null));
        }
    }
}
