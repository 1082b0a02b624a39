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
        var folder = await NewClusterAsync();
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

    [Fact]
    public async Task Kubectl_RollsOutScalesAndPatches()
    {
        var folder = await NewClusterAsync();

        await SaysAsync(folder, "deployment.apps/web created", "create", "-f", "web.json");
        await SaysAsync(folder, "deployment \"web\" successfully rolled out", "rollout", "status", "deploy/web", "--timeout=20s", "--watch=false");
        await SaysAsync(folder, "deployment.apps/web scaled", "scale", "deploy/web", "--replicas=3");
        await SaysAsync(folder, "deployment.apps/web patched", "patch", "deploy", "web", "-p", """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"main:2"}]}}}}""");
        await SaysAsync(folder, "deployment.apps/web patched", "patch", "deploy", "web", "--type", "merge", "-p", """{"spec":{"minReadySeconds":1}}""");
        await SaysAsync(folder, "deployment.apps/web patched", "patch", "deploy", "web", "--type", "json", "-p", """[{"op":"replace","path":"/spec/replicas","value":2}]""");
        await SaysAsync(folder, "deployment.apps/web labeled", "label", "deploy", "web", "a=b");
        await SaysAsync(folder, "deployment.apps/web annotated", "annotate", "deploy", "web", "x=y");
        await SaysAsync(folder, "deployment.apps/web image updated", "set", "image", "deploy/web", "main=main:3");
        await SaysAsync(folder, "2 1 b y main:3", "get", "deploy", "web", "-o", "jsonpath={.spec.replicas} {.spec.minReadySeconds} {.metadata.labels.a} {.metadata.annotations.x} {.spec.template.spec.containers[0].image}");
        await SaysAsync(folder, "deployment.apps/web replaced", "replace", "-f", "web.json");
        await SaysAsync(folder, "deployment.apps/web condition met", "wait", "--for=condition=Available", "deploy/web", "--timeout=20s");
        Assert.Contains("Replicas:               2 desired | 2 updated | 2 total", (await RunAsync(folder, "describe", "deploy", "web")).Output, StringComparison.Ordinal);
        await SaysAsync(folder, "deployment.apps \"web\" deleted from default namespace", "delete", "deploy", "web", "--cascade=foreground", "--wait");
        await SaysAsync(folder, "No resources found in default namespace.", "get", "deploy");
    }

    [Fact]
    public async Task Kubectl_CreatesWithoutAFile_AndWatches()
    {
        var folder = await NewClusterAsync();

        await SaysAsync(folder, "namespace/shop created", "create", "namespace", "shop");
        await SaysAsync(folder, "configmap/settings created", "create", "configmap", "settings", "-n", "shop", "--from-literal=a=b");
        await SaysAsync(folder, "secret/keys created", "create", "secret", "generic", "keys", "-n", "shop", "--from-literal=p=q");
        await SaysAsync(folder, "b cQ==", "get", "configmap/settings", "secret/keys", "-n", "shop", "-o", "jsonpath={.items[0].data.a} {.items[1].data.p}");
        Assert.Equal((1, "error: failed to create deployment: the simulation reads Deployment as JSON, not in protobuf: write it to a file (--dry-run=client -o yaml) and apply that"), await RunAsync(folder, "create", "deployment", "web", "--image=main"));
        var watched = (await RunAsync(folder, "get", "configmaps", "-n", "shop", "--watch", "--request-timeout=1s")).Output.Split('\n');
        Assert.Equal(["NAME", "DATA", "AGE"], watched[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["settings", "1"], watched[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
        await SaysAsync(folder, "namespace \"shop\" deleted", "delete", "namespace", "shop", "--wait");
    }

    [Fact]
    public async Task Kubectl_LooksAround()
    {
        var folder = await NewClusterAsync();
        await SaysAsync(folder, "pod/one created", "run", "one", "--image=main");
        await SaysAsync(folder, "pod/one condition met", "wait", "--for=condition=Ready", "pod/one", "--timeout=20s");

        await SaysAsync(folder, "yes", "auth", "can-i", "create", "deployments");
        Assert.Matches(@"(?m)^deployments\s+deploy\s+apps/v1\s+true\s+Deployment\s*$", (await RunAsync(folder, "api-resources")).Output);
        Assert.Contains("FIELD: replicas <integer>", (await RunAsync(folder, "explain", "deployment.spec.replicas")).Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^pod/one\s+1/1\s+Running\s+0\s+\d+s\s*$", (await RunAsync(folder, "get", "all")).Output);
        foreach (string[] command in (string[][])[["logs", "one"], ["exec", "one", "--", "ls"]])
            Assert.Equal((1, "Error from server (MethodNotAllowed): the clusters are simulated: their pods have no containers, so there is nothing to log, to execute or to connect to"), await RunAsync(folder, command));
    }

    /// <summary>A folder with the kubeconfig of a new cluster, and a Deployment.</summary>
    private async Task<string> NewClusterAsync()
    {
        var cluster = fixture.Fleet.Add($"c-{Guid.NewGuid():N}", new SimulatedClusterOptions { ReadyAfter = TimeSpan.FromMilliseconds(50) });
        var folder = TestFolder.New("kubectl");
        await File.WriteAllTextAsync(Path.Combine(folder, "kubeconfig.yaml"), fixture.Fleet.Kubeconfig(cluster.Name));
        await File.WriteAllBytesAsync(Path.Combine(folder, "web.json"), ApplyingTests.DeploymentJson("default", "web", "[]", replicas: 2));
        return folder;
    }

    private static async Task SaysAsync(string folder, string expected, params string[] arguments) => Assert.Equal((0, expected), await RunAsync(folder, arguments));

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
