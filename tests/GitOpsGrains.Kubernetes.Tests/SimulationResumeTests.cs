using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>A simulated cluster that is saved and goes on, and workloads that get ready.</summary>
public sealed class SimulationResumeTests(SimulationFixture fixture)
{
    private const string Definition = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"probes.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"kind":"Probe","plural":"probes"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"url":{"type":"string"}}}}}}}]}}
        """;

    [Fact]
    public async Task SavedCluster_GoesOnWithItsObjectsUidsAndVersions()
    {
        var first = Add(TimeSpan.FromHours(1));
        using var before = fixture.ClientOf(first);
        await before.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition);
        await before.PostAsync("/apis/example.com/v1/namespaces/default/probes", """{"apiVersion":"example.com/v1","kind":"Probe","metadata":{"name":"one"},"spec":{"url":"u"}}""");
        var probe = await before.GetJsonAsync("/apis/example.com/v1/namespaces/default/probes/one");
        var system = await before.GetJsonAsync("/api/v1/namespaces/kube-system");
        var version = VersionOf(await before.GetJsonAsync("/api/v1/configmaps"));

        using var after = fixture.ClientOf(Add(TimeSpan.FromHours(1), Saved(first)));
        var next = await after.PostAsync("/api/v1/namespaces/default/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new"}}""");

        Assert.Equal(probe.GetRawText(), (await after.GetJsonAsync("/apis/example.com/v1/namespaces/default/probes/one")).GetRawText());
        Assert.Equal(system.GetRawText(), (await after.GetJsonAsync("/api/v1/namespaces/kube-system")).GetRawText());
        Assert.Equal(version + 1, VersionOf(next));
    }

    [Fact]
    public async Task SavedCluster_WorkloadThatWasNotReady_GetsReady()
    {
        var first = Add(TimeSpan.FromHours(1));
        using var before = fixture.ClientOf(first);
        await before.PostAsync("/apis/apps/v1/namespaces/default/deployments", Workload("Deployment"));
        await Eventually.TrueAsync(async () => await NumberAsync(before, "deployments", "unavailableReplicas") == 1, "a rollout that has begun");

        using var after = fixture.ClientOf(Add(TimeSpan.FromHours(1), Saved(first)));

        await Eventually.TrueAsync(async () => await NumberAsync(after, "deployments", "readyReplicas") == 1, "a workload that is ready");
    }

    [Fact]
    public void DamagedFile_IsRefusedWithTheClustersName()
    {
        var refused = Assert.Throws<InvalidDataException>(() => Add(TimeSpan.Zero, """{"format":1,"objects":[{"kind":"pods"}]}"""u8.ToArray()));

        Assert.Contains("the file of cluster c-", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DaemonSet_GetsReady()
    {
        using var client = fixture.ClientOf(Add(TimeSpan.Zero));

        await client.PostAsync("/apis/apps/v1/namespaces/default/daemonsets", Workload("DaemonSet"));

        await Eventually.TrueAsync(async () => await NumberAsync(client, "daemonsets", "numberAvailable") == 1, "a daemon set that is ready");
    }

    [Fact]
    public async Task Job_IsComplete()
    {
        using var client = fixture.ClientOf(Add(TimeSpan.Zero));

        await client.PostAsync("/apis/batch/v1/namespaces/default/jobs", """{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"one"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"one","image":"one"}]}}}}""");

        await Eventually.TrueAsync(async () => (await client.GetJsonAsync("/apis/batch/v1/namespaces/default/jobs/one")).GetProperty("status").TryGetProperty("completionTime", out _), "a job that is complete");
    }

    [Fact]
    public async Task LoadBalancer_GetsAnAddress()
    {
        using var client = fixture.ClientOf(Add(TimeSpan.Zero));

        await client.PostAsync("/api/v1/namespaces/default/services", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"one"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");

        await Eventually.TrueAsync(async () => (await client.GetJsonAsync("/api/v1/namespaces/default/services/one")).GetProperty("status").GetProperty("loadBalancer").TryGetProperty("ingress", out _), "an address");
    }

    [Theory]
    [InlineData("ready", 1)]
    [InlineData("progress", 0)]
    public async Task Behaviour_WordThatIsNone_IsAsWithoutIt(string word, int ready)
    {
        using var client = fixture.ClientOf(Add(TimeSpan.Zero));
        var text = Workload("Deployment").Replace("""{"name":"one"}""", $$$"""{"name":"one","annotations":{"simulation.gitopsgrains.io/behaviour":"{{{word}}}"}}""", StringComparison.Ordinal);
        await client.PostAsync("/apis/apps/v1/namespaces/default/deployments", text);
        // Controllers work in turn: what came after it is done.
        await client.PostAsync("/apis/apps/v1/namespaces/default/daemonsets", Workload("DaemonSet"));
        await Eventually.TrueAsync(async () => await NumberAsync(client, "daemonsets", "numberAvailable") == 1, "the controllers at rest");

        await Eventually.TrueAsync(async () => await NumberAsync(client, "deployments", "readyReplicas") == ready, $"{ready} ready");
        Assert.Equal(ready, await NumberAsync(client, "deployments", "readyReplicas"));
    }

    private SimulatedCluster Add(TimeSpan readyAfter, ReadOnlyMemory<byte> saved = default) =>
        fixture.Fleet.Add($"c-{Guid.NewGuid():N}", new SimulatedClusterOptions { ReadyAfter = readyAfter, Saved = saved });

    private static byte[] Saved(SimulatedCluster cluster)
    {
        var buffer = new ArrayBufferWriter<byte>();
        cluster.Save(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static string Workload(string kind) => $$$"""
        {"apiVersion":"apps/v1","kind":"{{{kind}}}","metadata":{"name":"one"},"spec":{"selector":{"matchLabels":{"app":"one"}},"template":{"metadata":{"labels":{"app":"one"}},"spec":{"containers":[{"name":"one","image":"one"}] } } } }
        """;

    private static async Task<long> NumberAsync(ApiClient client, string plural, string name) =>
        (await client.GetJsonAsync($"/apis/apps/v1/namespaces/default/{plural}/one")).GetProperty("status").TryGetProperty(name, out var number) ? number.GetInt64() : 0;

    private static long VersionOf(JsonElement answer) => long.Parse(answer.GetProperty("metadata").GetProperty("resourceVersion").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
