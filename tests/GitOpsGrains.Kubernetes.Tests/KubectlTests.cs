using System.Diagnostics;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>kubectl takes a simulated cluster for a real one.</summary>
public sealed class KubectlTests(SimulationFixture fixture)
{
    private const string First = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default"},"data":{"key":"1"}}""";
    private const string Second = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default"},"data":{"key":"2"}}""";

    [Fact]
    public async Task Kubectl_AppliesDiffsGetsAndDeletes()
    {
        var cluster = fixture.Fleet.Add($"c-{Guid.NewGuid():N}", new SimulatedClusterOptions());
        var folder = TestFolder.New("kubectl");
        var config = Path.Combine(folder, "kubeconfig.yaml");
        await File.WriteAllTextAsync(config, fixture.Fleet.Kubeconfig(cluster.Name));
        await File.WriteAllTextAsync(Path.Combine(folder, "first.json"), First);
        await File.WriteAllTextAsync(Path.Combine(folder, "second.json"), Second);

        Assert.Equal((0, "configmap/a created"), await RunAsync(folder, "apply", "-f", "first.json"));
        Assert.Equal((0, "configmap/a unchanged"), await RunAsync(folder, "apply", "-f", "first.json"));
        Assert.Equal(1, (await RunAsync(folder, "diff", "-f", "second.json")).Code);
        Assert.Equal((0, "configmap/a configured"), await RunAsync(folder, "apply", "-f", "second.json"));
        Assert.Equal((0, "configmap/a serverside-applied"), await RunAsync(folder, "apply", "--server-side", "--force-conflicts", "-f", "first.json"));
        Assert.Equal((0, "1"), await RunAsync(folder, "get", "configmap", "a", "-o", "jsonpath={.data.key}"));
        Assert.Equal((0, "configmap/a"), await RunAsync(folder, "get", "configmaps", "-o", "name"));
        Assert.Equal((0, "configmap \"a\" deleted from default namespace"), await RunAsync(folder, "delete", "configmap", "a"));
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Tools.Require("kubectl"), ["--kubeconfig", "kubeconfig.yaml", "--cache-dir", "cache", .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output + await errors).Trim());
    }
}
