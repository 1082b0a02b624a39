using System.Threading.Channels;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>The same on the real server and on the simulation.</summary>
public abstract class WatchingTests(IKubernetesStage fixture)
{
    protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Watch_FromAList_SeesEachChangeInOrder()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var start = (await connection.ListAsync(ConfigMaps, new ListQuery(space, null, false, 1, null), default)).Value!.ResourceVersion;
        using var stop = new CancellationTokenSource(Deadline);
        await using var events = connection.WatchAsync(ConfigMaps, new WatchQuery(space, null, false, start), stop.Token).GetAsyncEnumerator(stop.Token);

        await fixture.Client.PostAsync($"/api/v1/namespaces/{space}/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"key":"1"}}""");
        await fixture.Client.PatchAsync($"/api/v1/namespaces/{space}/configmaps/a", """{"data":{"key":"2"}}""");
        await fixture.Client.DeleteAsync($"/api/v1/namespaces/{space}/configmaps/a");
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
