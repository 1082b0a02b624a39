using System.Net;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Faults;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>What the simulation does on demand, each on a cluster of its own.</summary>
public sealed class SimulationFaultTests(SimulationFixture fixture)
{
    [Theory]
    [InlineData(FaultKind.ServerError, ClusterErrorKind.Unavailable)]
    [InlineData(FaultKind.Unauthorized, ClusterErrorKind.Unauthorized)]
    [InlineData(FaultKind.Reset, ClusterErrorKind.Unreachable)]
    public async Task Get_OfASickCluster_SaysSo(FaultKind fault, ClusterErrorKind expected)
    {
        var cluster = Add();
        await using var connection = await fixture.ConnectToAsync(fixture.Fleet.Kubeconfig(cluster.Name));
        cluster.Fault = new ClusterFault { Kind = fault };

        var sick = await connection.GetAsync(Namespaces, new("", "Namespace", "", "default"), default);
        cluster.Fault = ClusterFault.None;
        var well = await connection.GetAsync(Namespaces, new("", "Namespace", "", "default"), default);

        Assert.Equal(expected, sick.Error?.Kind);
        Assert.True(well.IsSuccess, well.Error?.Message);
    }

    [Fact]
    public async Task Create_WhoseAnswerIsLost_IsDoneAndUnknown()
    {
        var cluster = Add();
        await using var connection = await fixture.ConnectToAsync(fixture.Fleet.Kubeconfig(cluster.Name));
        cluster.Fault = new ClusterFault { Kind = FaultKind.LostAnswer, Path = "/namespaces", Times = 1 };
        var (id, body) = (new ResourceId("", "Namespace", "", "made"), "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"made\"}}"u8.ToArray());

        var lost = await connection.CreateAsync(Namespaces, id, body, default);
        var again = await connection.CreateAsync(Namespaces, id, body, default);

        Assert.Equal((ClusterErrorKind.Unreachable, ClusterErrorKind.AlreadyExists), (lost.Error?.Kind, again.Error?.Kind));
    }

    [Fact]
    public async Task Get_AnsweredBy429Twice_SucceedsAtTheThird()
    {
        var cluster = Add();
        await using var connection = await fixture.ConnectToAsync(fixture.Fleet.Kubeconfig(cluster.Name));
        cluster.Fault = new ClusterFault { Kind = FaultKind.TooManyRequests, Times = 2, RetryAfter = TimeSpan.FromSeconds(1) };

        var answer = await connection.GetAsync(Namespaces, new("", "Namespace", "", "default"), default);

        Assert.True(answer.IsSuccess, answer.Error?.Message);
    }

    [Fact]
    public async Task Request_WithAnotherClustersToken_Is401()
    {
        var (mine, other) = (Add(), Add());
        using var stranger = new ApiClient(fixture.Fleet.AddressOf(mine.Name), other.Users[0].Token, fixture.AuthorityFile);

        Assert.Equal(HttpStatusCode.Unauthorized, await stranger.GetStatusAsync("/api/v1/namespaces"));
    }

    [Fact]
    public async Task Connection_WithAClientCertificate_IsThatUser()
    {
        var cluster = Add();
        await using var connection = await fixture.ConnectToAsync(fixture.Fleet.KubeconfigWithCertificate(cluster.Name));

        var answer = await connection.GetAsync(Namespaces, new("", "Namespace", "", "default"), default);

        Assert.Equal("default", answer.Value?.Id.Name);
    }

    [Fact]
    public async Task Watch_FromAVersionThatWasCompacted_IsGone()
    {
        var cluster = Add();
        await using var connection = await fixture.ConnectToAsync(fixture.Fleet.Kubeconfig(cluster.Name));
        await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "1"), Forced, default);
        cluster.Compact();

        await using var events = connection.WatchAsync(ConfigMaps, new WatchQuery("default", null, false, "1"), default).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());

        Assert.Equal(ClusterErrorKind.Gone, events.Current.Error?.Kind);
    }

    [Fact]
    public async Task Controllers_MakeADeploymentReady_AndEmptyADeletedNamespace()
    {
        var cluster = fixture.Fleet.Add($"c-{Guid.NewGuid():N}", new SimulatedClusterOptions { ReadyAfter = TimeSpan.FromMilliseconds(50) });
        using var client = fixture.ClientOf(cluster);
        await client.CreateNamespaceAsync("shop");
        var path = "/apis/apps/v1/namespaces/shop/deployments/web";
        await client.ApplyAsync(path, System.Text.Encoding.UTF8.GetString(ApplyingTests.DeploymentJson("shop", "web", "[]", replicas: 2)));

        await Eventually.GetAsync(
            async () => (await client.GetJsonAsync(path)).GetProperty("status").TryGetProperty("readyReplicas", out var ready) ? ready.GetInt32() : 0, ready => ready == 2, "two ready replicas");
        await client.DeleteAsync("/api/v1/namespaces/shop");
        await Eventually.GetAsync(() => client.GetStatusAsync("/api/v1/namespaces/shop"), status => status == HttpStatusCode.NotFound, "no namespace");

        Assert.Equal(HttpStatusCode.NotFound, await client.GetStatusAsync(path));
    }

    private SimulatedCluster Add() => fixture.Fleet.Add($"c-{Guid.NewGuid():N}", new SimulatedClusterOptions { Controllers = false });
}
