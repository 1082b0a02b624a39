using System.Diagnostics;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>The raw loop of applying, measured; run by hand with --explicit only.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private const int Objects = 1000;

    [Theory(Explicit = true)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Apply_Of1000Deployments_IsMeasured(bool fsync)
    {
        await using var server = await ApiServer.StartAsync(new ApiServerOptions { OwnEtcd = true, Fsync = fsync });
        await server.Client.CreateNamespaceAsync("load");
        await using var connection = await ConnectWithAsync(
            server.WriteKubeconfig(Path.Combine(server.Folder, "load.yaml")), options => (options.InitialConcurrency, options.MaxConcurrency) = (32, 32));
        await RunAsync(server, connection, "warm-up", 0, new ApplyOptions(DryRun: true, Force: true));

        var create = await RunAsync(server, connection, "create", 0, Forced);
        var unchanged = await RunAsync(server, connection, "unchanged", 0, Forced);
        var change = await RunAsync(server, connection, "change", 1, Forced);
        var clock = Stopwatch.StartNew();
        var page = await connection.ListAsync(Deployments, new ListQuery("load", null, false, Objects, null), default);

        output.WriteLine($"{server.Version}, fsync {fsync}: list {page.Value!.Objects.Count} in {clock.Elapsed.TotalSeconds:0.00} s");
        Assert.All([create, unchanged, change], seconds => Assert.InRange(seconds, 0.1, 30));
    }

    private async Task<double> RunAsync(ApiServer server, IClusterConnection connection, string what, int replicas, ApplyOptions options)
    {
        var bodies = Enumerable.Range(0, Objects).Select(number => ApplyingTests.DeploymentJson("load", $"app-{number}", "[]", replicas)).ToArray();
        using var self = Process.GetCurrentProcess();
        var serverBefore = await ServerProcessorAsync(server);
        var (clock, processor) = (Stopwatch.StartNew(), self.TotalProcessorTime);
        var answers = await Task.WhenAll(bodies.Select((body, number) =>
            connection.ApplyAsync(Deployments, new ResourceId("apps", "Deployment", "load", $"app-{number}"), body, options, default)));
        var seconds = clock.Elapsed.TotalSeconds;
        self.Refresh();
        Assert.All(answers, answer => Assert.True(answer.IsSuccess, answer.Error?.Message));
        var own = (self.TotalProcessorTime - processor).TotalMilliseconds / Objects;
        var servers = (await ServerProcessorAsync(server) - serverBefore) * 1000 / Objects;
        output.WriteLine($"{what}: {Objects} of {bodies[0].Length} B in {seconds:0.00} s, CPU each: own {own:0.00} ms, API server {servers:0.00} ms");
        return seconds;
    }

    private static async Task<double> ServerProcessorAsync(ApiServer server)
    {
        const string Name = "process_cpu_seconds_total ";
        var line = (await server.Client.GetTextAsync("/metrics")).Split('\n').Single(line => line.StartsWith(Name, StringComparison.Ordinal));
        return double.Parse(line[Name.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
