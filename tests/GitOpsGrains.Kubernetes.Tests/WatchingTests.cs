using System.Threading.Channels;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class WatchingTests(KubernetesFixture fixture)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Watch_FromAList_SeesEachChangeInOrder()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var start = (await connection.ListAsync(ConfigMaps, new ListQuery(space, null, false, 1, null), default)).Value!.ResourceVersion;
        using var stop = new CancellationTokenSource(Deadline);
        await using var events = connection.WatchAsync(ConfigMaps, new WatchQuery(space, null, false, start), stop.Token).GetAsyncEnumerator(stop.Token);

        await fixture.Server.Client.PostAsync($"/api/v1/namespaces/{space}/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"key":"1"}}""");
        await fixture.Server.Client.PatchAsync($"/api/v1/namespaces/{space}/configmaps/a", """{"data":{"key":"2"}}""");
        await fixture.Server.Client.DeleteAsync($"/api/v1/namespaces/{space}/configmaps/a");
        List<WatchEvent> seen = [];
        while (seen.Count < 3 && await events.MoveNextAsync()) seen.Add(events.Current);

        Assert.Equal([WatchEventKind.Added, WatchEventKind.Modified, WatchEventKind.Deleted], seen.Select(item => item.Kind));
        Assert.Equal(["1", "2", "2"], seen.Select(item => Data(item.Object!, "key")));
        Assert.All(seen, item => Assert.Equal(item.Object!.ResourceVersion, item.ResourceVersion));
    }

    [Fact]
    public async Task Watch_OfMetadataAndALabel_SeesOnlyThose()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var start = (await connection.ListAsync(ConfigMaps, new ListQuery("", "watched=yes", true, 1, null), default)).Value!.ResourceVersion;
        using var stop = new CancellationTokenSource(Deadline);
        await using var events = connection.WatchAsync(ConfigMaps, new WatchQuery("", "watched=yes", true, start), stop.Token).GetAsyncEnumerator(stop.Token);

        await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "other"), ConfigMapJson(space, "other", "1"), Forced, default);
        await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1", ",\"labels\":{\"watched\":\"yes\"}"), Forced, default);
        Assert.True(await events.MoveNextAsync());

        Assert.Equal(ConfigMap(space, "a"), events.Current.Object!.Id);
        Assert.Equal("v1", events.Current.Object.ApiVersion);
        Assert.False(events.Current.Object.Root.TryGetProperty("data", out _));
        Assert.Equal("yes", events.Current.Object.Label("watched"));
    }

    [Fact]
    public async Task Watch_FromACompactedVersion_IsGone()
    {
        await using var server = await ApiServer.StartAsync(new ApiServerOptions { OwnEtcd = true });
        await server.Client.CreateNamespaceAsync("default");
        string old;
        await using (var connection = await ConnectWithAsync(server.WriteKubeconfig(fixture.NewFile())))
        {
            old = (await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "1"), Forced, default)).Value!.ResourceVersion;
            await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "2"), Forced, default);
        }

        await server.CompactAsync();
        await server.RestartAsync();
        await using var again = await ConnectWithAsync(server.WriteKubeconfig(fixture.NewFile()));
        using var stop = new CancellationTokenSource(Deadline);
        await using var events = again.WatchAsync(ConfigMaps, new WatchQuery("default", null, false, old), stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await events.MoveNextAsync());

        Assert.Equal((WatchEventKind.Error, ClusterErrorKind.Gone), (events.Current.Kind, events.Current.Error!.Kind));
        Assert.False(await events.MoveNextAsync());
        var token = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($$"""{"v":"meta.k8s.io/v1","rv":{{old}},"start":"a"}""")).TrimEnd('=');
        var page = await again.ListAsync(ConfigMaps, new ListQuery("default", null, false, 1, token), default);
        Assert.Equal(ClusterErrorKind.Gone, page.Error?.Kind);
    }

    [Fact]
    public async Task Watch_OfAServerThatStops_EndsWithAnErrorAndCanBeRestarted()
    {
        await using var server = await ApiServer.StartAsync();
        await server.Client.CreateNamespaceAsync("default");
        await using var connection = await ConnectWithAsync(server.WriteKubeconfig(fixture.NewFile()));
        var start = (await connection.ListAsync(ConfigMaps, new ListQuery("default", null, false, 1, null), default)).Value!.ResourceVersion;
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = Channel.CreateUnbounded<WatchEvent>();
        var watching = Task.Run(async () =>
        {
            await foreach (var item in connection.WatchAsync(ConfigMaps, new WatchQuery("default", null, false, start), stop.Token)) seen.Writer.TryWrite(item);
            seen.Writer.Complete();
        });
        await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "1"), Forced, default);
        Assert.Equal(WatchEventKind.Added, (await seen.Reader.ReadAsync(stop.Token)).Kind);

        await server.RestartAsync();
        await watching;
        var last = await seen.Reader.ReadAllAsync(stop.Token).LastAsync(stop.Token);
        // A server that has started anew may not know the old version any more: a list comes first.
        var page = await Eventually.GetAsync(
            () => connection.ListAsync(ConfigMaps, new ListQuery("default", null, false, 1, null), stop.Token), answer => answer.IsSuccess, "a list");
        await using var events = connection.WatchAsync(ConfigMaps, new WatchQuery("default", null, false, page.Value!.ResourceVersion), stop.Token).GetAsyncEnumerator(stop.Token);
        await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "2"), Forced, default);
        Assert.True(await events.MoveNextAsync());

        Assert.Equal((WatchEventKind.Error, ClusterErrorKind.Unreachable), (last.Kind, last.Error?.Kind));
        Assert.Equal((WatchEventKind.Modified, null), (events.Current.Kind, events.Current.Error));
        Assert.Equal("2", Data(events.Current.Object!, "key"));
    }

    [Fact]
    public async Task Watch_OfAPausedServer_IsDeadAfterTheSilence()
    {
        await using var server = await ApiServer.StartAsync();
        await server.Client.CreateNamespaceAsync("default");
        await using var connection = await ConnectWithAsync(server.WriteKubeconfig(fixture.NewFile()), options => options.WatchSilence = TimeSpan.FromSeconds(1));
        var start = (await connection.ListAsync(ConfigMaps, new ListQuery("default", null, false, 1, null), default)).Value!.ResourceVersion;
        using var stop = new CancellationTokenSource(Deadline);
        await using var events = connection.WatchAsync(ConfigMaps, new WatchQuery("default", null, false, start), stop.Token).GetAsyncEnumerator(stop.Token);
        await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "1"), Forced, default);
        Assert.True(await events.MoveNextAsync());

        server.Pause();
        var moved = await events.MoveNextAsync();
        server.Resume();

        Assert.True(moved);
        Assert.Equal((WatchEventKind.Error, ClusterErrorKind.TimedOut), (events.Current.Kind, events.Current.Error!.Kind));
    }

    [Fact]
    public async Task Watch_Cancelled_EndsAtOnce()
    {
        await using var connection = await fixture.ConnectAsync();
        var start = (await connection.ListAsync(ConfigMaps, new ListQuery("", null, false, 1, null), default)).Value!.ResourceVersion;
        using var stop = new CancellationTokenSource();
        await using var events = connection.WatchAsync(ConfigMaps, new WatchQuery("none", null, false, start), stop.Token).GetAsyncEnumerator(stop.Token);
        var next = events.MoveNextAsync().AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    public async Task Watch_WithoutAVersion_IsAProgrammersError(string version)
    {
        await using var connection = await fixture.ConnectAsync();

        await Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            await foreach (var item in connection.WatchAsync(ConfigMaps, new WatchQuery("", null, false, version), default)) Assert.Fail(item.ToString());
        });
    }
}
