using System.Net;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class ApiServerTests(KubernetesFixture fixture)
{
    [Fact]
    public async Task ReadRequestCounts_AfterOneWrite_CountsOneWrite()
    {
        var space = await fixture.NewNamespaceAsync();
        var before = await fixture.Server.ReadRequestCountsAsync();

        await fixture.Server.Client.PostAsync(
            $"/api/v1/namespaces/{space}/resourcequotas", """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"a"},"spec":{}}""");

        var since = (await fixture.Server.ReadRequestCountsAsync()).Since(before);
        Assert.Equal(1, since.Writes("resourcequotas"));
    }

    [Fact]
    public async Task Restart_OfAServer_KeepsItsData()
    {
        await using var server = await ApiServer.StartAsync();
        await server.Client.CreateNamespaceAsync("kept");

        await server.RestartAsync();

        Assert.Equal(HttpStatusCode.OK, await server.Client.GetStatusAsync("/api/v1/namespaces/kept"));
    }

    [Fact]
    public async Task ControllerManager_DeletedNamespace_IsGone()
    {
        await using var server = await ApiServer.StartAsync(new ApiServerOptions { ControllerManager = true });
        await server.Client.CreateNamespaceAsync("short");
        await server.Client.DeleteAsync("/api/v1/namespaces/short");

        await GitOpsGrains.Testing.Eventually.GetAsync(
            () => server.Client.GetStatusAsync("/api/v1/namespaces/short"), status => status == HttpStatusCode.NotFound, "no namespace 'short'");
    }
}
