using System.Net;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Testing.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>What a healthy API server doesn't do on demand: 429, redirects, nonsense, huge answers, newer discovery.</summary>
public sealed class FakeServerTests : IAsyncDisposable
{
    private const string Object = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","uid":"1"},"data":{"key":"v"}}""";

    private readonly List<WebApplication> _servers = [];
    private readonly List<IClusterConnection> _connections = [];

    [Theory]
    [InlineData(HttpProtocols.Http2, "HTTP/2")]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1")]
    public async Task Get_OverPlainHttp_TakesTheNewestProtocolOfTheServer(HttpProtocols protocols, string expected)
    {
        List<string> seen = [];
        var connection = await StartAsync(
            async context =>
            {
                lock (seen) seen.Add(context.Request.Protocol);
                await context.Response.WriteAsync(Object);
            },
            protocols);

        var first = await GetAsync(connection);
        var second = await GetAsync(connection);

        Assert.Equal("v", Data(first.Value!, "key"));
        Assert.True(second.IsSuccess);
        Assert.Equal([expected, expected], seen);
        Assert.Contains("http", Assert.Single(connection.Status.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_AnsweredBy429_IsSentAgainAfterItsTime()
    {
        var count = 0;
        var connection = await StartAsync(async context =>
        {
            if (Interlocked.Increment(ref count) == 1)
            {
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = "1";
                return;
            }

            await context.Response.WriteAsync(Object);
        });
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var answer = await GetAsync(connection);

        Assert.True(answer.IsSuccess, answer.Error?.Message);
        Assert.Equal(2, count);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
        Assert.Equal(16, connection.Status.Concurrency);
    }

    [Fact]
    public async Task Requests_AreCountedByTheClassOfTheirAnswer()
    {
        using var measured = new Measured("gitopsgrains.kubernetes.requests");
        var answers = new Queue<int>([429, 200, 404, 500]);
        var connection = await StartAsync(async context =>
        {
            context.Response.StatusCode = answers.Dequeue();
            if (context.Response.StatusCode == 429) context.Response.Headers.RetryAfter = "0";
            await context.Response.WriteAsync(Object);
        });
        foreach (var _ in Enumerable.Range(0, 3)) await GetAsync(connection);
        await _servers[^1].StopAsync();
        await GetAsync(connection);

        Assert.Equal(
            [
                ("gitopsgrains.kubernetes.requests method=GET answer=2xx", 1d), ("gitopsgrains.kubernetes.requests method=GET answer=429", 1d), ("gitopsgrains.kubernetes.requests method=GET answer=4xx", 1d),
                ("gitopsgrains.kubernetes.requests method=GET answer=5xx", 1d), ("gitopsgrains.kubernetes.requests method=GET answer=none", 1d),
            ],
            measured.Sums);
    }

    [Fact]
    public async Task Get_AnsweredByARedirect_DoesNotFollow()
    {
        var count = 0;
        var connection = await StartAsync(context =>
        {
            Interlocked.Increment(ref count);
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });

        Assert.Equal((ClusterErrorKind.Malformed, 302), ((await GetAsync(connection)).Error!.Kind, (await GetAsync(connection)).Error!.StatusCode));
        Assert.Equal(2, count);
    }

    [Theory]
    [InlineData("<html>sign in</html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("{\"metadata\":{\"name\":\"a\",\"labels\":{\"k\":\"\\ud800\"}}}")]
    public async Task Get_AnsweredByNonsense_IsMalformed(string body)
    {
        var connection = await StartAsync(context => context.Response.WriteAsync(body));

        var answer = await GetAsync(connection);

        Assert.Equal((ClusterErrorKind.Malformed, 200), (answer.Error!.Kind, answer.Error.StatusCode));
        Assert.False(answer.Error.IsOfCluster);
    }

    [Fact]
    public async Task List_AnsweredByTooMuch_IsMalformed()
    {
        var connection = await StartAsync(
            async context =>
            {
                for (var piece = 0; piece < 100; piece++) await context.Response.WriteAsync(new string(' ', 4096));
            },
            configure: options => options.MaxAnswerBytes = 128 * 1024);

        var answer = await connection.ListAsync(ConfigMaps, new ListQuery("", null, false, 500, null), default);

        Assert.Contains("larger than 131072 bytes", answer.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithASlowBody_IsTimedOut()
    {
        var connection = await StartAsync(
            async context =>
            {
                await context.Response.WriteAsync("{");
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            },
            configure: options => options.BodyTimeout = TimeSpan.FromSeconds(0.3));

        Assert.Equal(ClusterErrorKind.TimedOut, (await GetAsync(connection)).Error?.Kind);
    }

    [Fact]
    public async Task Discover_OfAServerWithAggregatedDiscovery_TakesTwoRequests()
    {
        var count = 0;
        var connection = await StartAsync(async context =>
        {
            Interlocked.Increment(ref count);
            Assert.Contains("as=APIGroupDiscoveryList", context.Request.Headers.Accept.ToString(), StringComparison.Ordinal);
            await context.Response.WriteAsync(context.Request.Path == "/api" ? AggregatedCore : AggregatedGroups);
        });

        var catalog = (await connection.DiscoverAsync(fresh: false, default)).Value!;

        Assert.Equal(2, count);
        Assert.Equal(["metrics.k8s.io/v1beta1"], catalog.FailedGroups);
        Assert.Equal(("v1", "pods", true, true), Describe(catalog.Find("", "Pod")!));
        Assert.Equal(("autoscaling/v2", "horizontalpodautoscalers", true, false), Describe(catalog.Find("autoscaling", "HorizontalPodAutoscaler")!));
        Assert.NotNull(catalog.Find("autoscaling", "v1", "HorizontalPodAutoscaler"));

        static (string, string, bool, bool) Describe(Engine.Resources.ApiResource found) => (found.ApiVersion, found.Plural, found.Namespaced, found.CanWatch);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Discover_OfAGroupThatAnsweredBefore_KeepsItsKindsWhileItIsDownAndNotOnceItIsGone(bool aggregated)
    {
        var groups = Groups("Current");
        var connection = await StartAsync(async context =>
        {
            var (path, down) = (context.Request.Path.Value, groups.Contains("Stale", StringComparison.Ordinal));
            if (path == "/api/v1") await context.Response.WriteAsync("""{"kind":"APIResourceList","resources":[{"name":"pods","kind":"Pod","namespaced":true,"verbs":["get"]}]}""");
            else if (path == "/apis/metrics.k8s.io/v1" && down) context.Response.StatusCode = 503;
            else if (path == "/apis/metrics.k8s.io/v1") await context.Response.WriteAsync("""{"kind":"APIResourceList","resources":[{"name":"nodes","kind":"NodeMetrics","verbs":["get"]}]}""");
            else if (path == "/apis/metrics.k8s.io/v1beta1") await context.Response.WriteAsync("""{"kind":"APIResourceList","resources":[{"name":"nodes","kind":"NodeMetrics","verbs":["get"]}]}""");
            else if (path == "/api") await context.Response.WriteAsync(aggregated ? AggregatedCore : """{"kind":"APIVersions","versions":["v1"]}""");
            else if (aggregated) await context.Response.WriteAsync(groups);
            else if (groups.Length == 0) await context.Response.WriteAsync("""{"kind":"APIGroupList","groups":[]}""");
            else await context.Response.WriteAsync("""{"kind":"APIGroupList","groups":[{"name":"metrics.k8s.io","versions":[{"version":"v1"},{"version":"v1beta1"}]}]}""");
        });

        var whole = (await connection.DiscoverAsync(fresh: true, default)).Value!;
        groups = Groups("Stale");
        var down = (await connection.DiscoverAsync(fresh: true, default)).Value!;
        var stillDown = (await connection.DiscoverAsync(fresh: true, default)).Value!;
        groups = aggregated ? """{"kind":"APIGroupDiscoveryList","items":[]}""" : "";
        var gone = (await connection.DiscoverAsync(fresh: true, default)).Value!;

        Assert.Equal(("v1", true), (whole.Find("metrics.k8s.io", "NodeMetrics")?.Version, whole.IsComplete));
        Assert.All([down, stillDown], catalog =>
        {
            // What the group prefers stays what it prefers.
            Assert.Equal(whole.Find("metrics.k8s.io", "NodeMetrics")?.ApiVersion, catalog.Find("metrics.k8s.io", "NodeMetrics")?.ApiVersion);
            Assert.Equal(["metrics.k8s.io/v1"], catalog.FailedGroups);
        });
        Assert.Equal((null, true), (gone.Find("metrics.k8s.io", "NodeMetrics"), gone.IsComplete));

        static string Groups(string freshness) => $$"""
            {"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"metrics.k8s.io"},"versions":[
             {"version":"v1","freshness":"{{freshness}}","resources":[{{(freshness == "Stale" ? "" : """{"resource":"nodes","responseKind":{"kind":"NodeMetrics"},"scope":"Cluster","verbs":["get"]}""")}}]},
             {"version":"v1beta1","freshness":"Current","resources":[{"resource":"nodes","responseKind":{"kind":"NodeMetrics"},"scope":"Cluster","verbs":["get"]}]}]}]}
            """;
    }

    [Fact]
    public async Task Requests_UnderABudget_NeverExceedIt()
    {
        var (running, highest) = (0, 0);
        var connection = await StartAsync(
            async context =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref highest, now);
                await Task.Yield();
                await context.Response.WriteAsync(Object);
                Interlocked.Decrement(ref running);
            },
            configure: options => (options.InitialConcurrency, options.MaxConcurrency) = (4, 4));

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => GetAsync(connection)));

        Assert.InRange(highest, 1, 4);
    }

    [Fact]
    public async Task Apply_GivenUpWhileItIsUnderWay_IsStillAnsweredAndItsConnectionStaysOpenForIt()
    {
        var (come, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var connection = await StartAsync(async context =>
        {
            come.SetResult();
            await answer.Task;
            await context.Response.WriteAsync(Object);
        });
        using var caller = new CancellationTokenSource();
        var applied = connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "v"), Forced, caller.Token);
        await come.Task;

        await caller.CancelAsync();
        _connections.Remove(connection);
        var closed = connection.DisposeAsync();
        Assert.False(closed.IsCompleted);
        answer.SetResult();

        Assert.Equal("v", Data((await applied).Value!, "key"));
        await closed;
    }

    [Fact]
    public async Task Apply_GivenUpAndNotAnswered_IsCutOffAfterItsGrace()
    {
        var (come, cut) = (new TaskCompletionSource(), new TaskCompletionSource());
        var connection = await StartAsync(
            async context =>
            {
                context.RequestAborted.Register(cut.SetResult);
                come.SetResult();
                await cut.Task;
            },
            configure: options => options.WriteGrace = TimeSpan.FromSeconds(0.3));
        using var caller = new CancellationTokenSource();
        var applied = connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "v"), Forced, caller.Token);
        await come.Task;
        var clock = System.Diagnostics.Stopwatch.StartNew();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => applied);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(10));
        await cut.Task;
    }

    [Fact]
    public async Task Apply_GivenUpBeforeItsTurn_IsNeverSent()
    {
        var count = 0;
        var connection = await StartAsync(async context =>
        {
            Interlocked.Increment(ref count);
            await context.Response.WriteAsync(Object);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "v"), Forced, new CancellationToken(canceled: true)));

        Assert.Equal(0, count);
    }

    [Theory]
    [InlineData("", "/api/v1/namespaces/web/pods/a/log?tailLines=20&limitBytes=11")]
    [InlineData("main", "/api/v1/namespaces/web/pods/a/log?tailLines=20&limitBytes=11&container=main")]
    public async Task ReadLog_OfAPod_AsksForSoManyLinesAndBytes(string container, string expected)
    {
        List<string> seen = [];
        var connection = await StartAsync(async context =>
        {
            lock (seen) seen.Add($"{context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Accept}");
            await context.Response.Body.WriteAsync("one\n\ufffd\u001b!"u8.ToArray());
        });

        var log = await connection.ReadLogAsync(Pods, new("", "Pod", "web", "a"), new LogQuery(container, 20, 10), default);

        Assert.Equal(new PodLog("one\n\ufffd\u001b!", false), log.Value);
        Assert.Equal([$"{expected} */*"], seen);
    }

    [Fact]
    public async Task ReadLog_OfMoreBytesThanAreAskedFor_IsCut()
    {
        var connection = await StartAsync(context => context.Response.WriteAsync(new string('x', 100_000)));

        var log = await connection.ReadLogAsync(Pods, new("", "Pod", "web", "a"), new LogQuery("", 20, 10), default);

        Assert.Equal(new PodLog("xxxxxxxxxx", true), log.Value);
    }

    [Theory]
    [InlineData("../secrets/x")]
    [InlineData("a/exec")]
    [InlineData("%2e%2e")]
    public async Task ReadLog_OfANameThatLeadsElsewhere_IsNotSent(string name)
    {
        var count = 0;
        var connection = await StartAsync(context =>
        {
            Interlocked.Increment(ref count);
            return Task.CompletedTask;
        });

        var log = await connection.ReadLogAsync(Pods, new("", "Pod", "web", name), new LogQuery("", 20, 10), default);

        Assert.Equal((ClusterErrorKind.Invalid, 0), (log.Error!.Kind, count));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
        foreach (var server in _servers) await server.DisposeAsync();
    }

    private static readonly Engine.Resources.ApiResource Pods = new("", "v1", "Pod", "pods", true, new HashSet<string>());

    private const string AggregatedCore = """
        {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"creationTimestamp":null},"versions":[
         {"version":"v1","freshness":"Current","resources":[
          {"resource":"pods","responseKind":{"group":"","version":"","kind":"Pod"},"scope":"Namespaced","singularResource":"pod","verbs":["get","list","watch"],
           "subresources":[{"subresource":"status","responseKind":{"group":"","version":"","kind":"Pod"},"verbs":["get"]}]},
          {"resource":"virtual","scope":"Namespaced","subresources":[]}]}]}]}
        """;

    private const string AggregatedGroups = """
        {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
         {"metadata":{"name":"autoscaling"},"versions":[
          {"version":"v2","freshness":"Current","resources":[{"resource":"horizontalpodautoscalers","responseKind":{"group":"","version":"","kind":"HorizontalPodAutoscaler"},"scope":"Namespaced","verbs":["get"]}]},
          {"version":"v1","freshness":"Current","resources":[{"resource":"horizontalpodautoscalers","responseKind":{"group":"","version":"","kind":"HorizontalPodAutoscaler"},"scope":"Namespaced","verbs":["get"]}]}]},
         {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}]}
        """;

    private static Task<ClusterAnswer<Engine.Resources.LiveObject>> GetAsync(IClusterConnection connection) =>
        connection.GetAsync(ConfigMaps, ConfigMap("default", "a"), default);

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private async Task<IClusterConnection> StartAsync(
        RequestDelegate handle, HttpProtocols protocols = HttpProtocols.Http2, Action<Hosting.KubernetesOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var server = builder.Build();
        _servers.Add(server);
        server.Run(handle);
        await server.StartAsync();
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var kubeconfig = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(kubeconfig, $$"""
            {"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k"} }], "clusters": [{"name": "k", "cluster": {"server": "{{address}}"} }]}
            """);
        var connection = await ConnectWithAsync(kubeconfig, configure);
        File.Delete(kubeconfig);
        _connections.Add(connection);
        return connection;
    }
}
