using System.Threading.Channels;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class WatchingOnSimulationTests(SimulationFixture fixture) : WatchingTests(fixture);

public sealed class WatchingOnRealServerTests(KubernetesFixture fixture) : WatchingTests(fixture)
{
    [Fact]
    public async Task Watch_FromACompactedVersion_IsGone()
    {
        await using var server = await ApiServer.StartAsync(new ApiServerOptions { OwnEtcd = true });
        await server.Client.CreateNamespaceAsync("default");
        string old;
        await using (var connection = await ConnectWithAsync(server.WriteKubeconfig(NewTestFile())))
        {
            old = (await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "1"), Forced, default)).Value!.ResourceVersion;
            await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "2"), Forced, default);
        }

        await server.CompactAsync();
        await server.RestartAsync();
        await using var again = await ConnectWithAsync(server.WriteKubeconfig(NewTestFile()));
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
        await using var connection = await ConnectWithAsync(server.WriteKubeconfig(NewTestFile()));
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
        await using var connection = await ConnectWithAsync(server.WriteKubeconfig(NewTestFile()), options => options.WatchSilence = TimeSpan.FromSeconds(1));
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
}
