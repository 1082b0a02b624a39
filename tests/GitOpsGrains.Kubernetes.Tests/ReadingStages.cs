using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class ReadingOnSimulationTests(SimulationFixture fixture) : ReadingTests(fixture);

public sealed class ReadingOnRealServerTests(KubernetesFixture fixture) : ReadingTests(fixture)
{
    [Fact]
    public async Task Discover_WithADeadAggregatedApi_IsIncompleteAndNamesIt()
    {
        await using var server = await ApiServer.StartAsync();
        await using var connection = await ConnectWithAsync(server.WriteKubeconfig(NewTestFile()));
        await server.Client.PostAsync("/apis/apiregistration.k8s.io/v1/apiservices", """
            {"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1.dead.example.com"},
             "spec":{"group":"dead.example.com","version":"v1","groupPriorityMinimum":1000,"versionPriority":10,"insecureSkipTLSVerify":true,
              "service":{"namespace":"default","name":"nothing","port":443}}}
            """);

        var catalog = await GitOpsGrains.Testing.Eventually.GetAsync(
            async () => (await connection.DiscoverAsync(fresh: true, default)).Value, found => found is { IsComplete: false }, "an incomplete catalog");

        Assert.Equal(["dead.example.com/v1"], catalog!.FailedGroups);
        Assert.NotNull(catalog.Find("apps", "Deployment"));
        Assert.False(connection.Status.CircuitOpen);
    }
}
