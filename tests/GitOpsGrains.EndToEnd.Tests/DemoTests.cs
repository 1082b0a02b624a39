using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What somebody sees who starts the demo and does what it says.</summary>
[Collection(nameof(Alone))]
public sealed class DemoTests
{
    private const string Refused = "Service \"payments\" is invalid: spec.ports[0].port: Invalid value: 84430: must be between 1 and 65535, inclusive";

    private static readonly string[] States =
    [
        "platform/baseline Synced Healthy 12/12", "platform/edge-cache Synced Healthy 3/3", "platform/ingress Synced Healthy 12/12", "platform/monitoring Synced Healthy 12/12",
        "shop/cart Synced Healthy 6/6", "shop/orders Synced Healthy 6/6", "shop/payments OutOfSync Degraded 1/2", "shop/recommendations Synced Healthy 3/3",
        "shop/search Synced Progressing 4/4", "shop/web Synced Healthy 6/6",
    ];

    private static readonly string[] Prod = ["ap-prod-1", "ap-prod-2", "eu-prod-1", "eu-prod-2", "us-prod-1", "us-prod-2"];

    [Fact]
    public async Task Newcomer_SeesTheFleet_RunsWhatIsPrinted_StopsAndGoesOn()
    {
        using var demo = new DemoProcess();
        await demo.StartAsync("--demo");
        await demo.ReadyAsync();

        Assert.InRange(FirstResult(demo), 0, 15);
        await Eventually.GetAsync(() => StatesAsync(demo), states => states.SequenceEqual(States), "all applications as they should be");
        await BrokenOneSaysWhatAndWhereAsync(demo);
        await DriftIsPutBackAndToldAsync(demo);
        await PrintedCommandsWorkAsync(demo);

        demo.Running.Interrupt();
        var end = await demo.EndAsync();
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Empty(ProcessesIn(demo.Folder));

        var left = Deployments(demo);
        await demo.StartAsync("--demo");
        await demo.ReadyAsync();
        await Eventually.GetAsync(() => StatesAsync(demo), states => states.SequenceEqual(States), "all as it was left");
        Assert.Contains((await demo.Api.HistoryAsync("shop/web")).Select(entry => entry.Message.Trim()), message => message == "Release web 1.5");
        demo.Running.Interrupt();
        Assert.Equal(0, (await demo.EndAsync()).ExitCode);
        Assert.Equal(left, Deployments(demo));
    }

    [Fact]
    public async Task KilledDemo_GoesOnWithTheSameCommand()
    {
        using var demo = new DemoProcess();
        await demo.StartAsync("--demo");
        await demo.ReadyAsync();
        await Eventually.GetAsync(() => StatesAsync(demo), states => states.SequenceEqual(States), "all applications as they should be");
        // What is in no file yet is lost with the process.
        await Eventually.TrueAsync(() => Directory.EnumerateFiles(Path.Combine(demo.DataDirectory, "demo", "clusters"), "*.json").All(static file => File.ReadAllText(file).Contains("\"kind\":\"probes.monitoring.example.com\"", StringComparison.Ordinal)), "all clusters saved with all that is in them");
        await demo.Running.KillAsync();

        await demo.StartAsync("--demo");
        await demo.ReadyAsync();

        await Eventually.GetAsync(() => StatesAsync(demo), states => states.SequenceEqual(States), "all as it was left", TimeSpan.FromSeconds(60));
        demo.Running.Interrupt();
        var end = await demo.EndAsync();
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
    }

    [Fact]
    public async Task AddressThatIsTaken_IsOneSentence()
    {
        using var demo = new DemoProcess();
        using var other = new TcpListener(IPAddress.Loopback, demo.Url.Port);
        other.Start();

        await demo.StartAsync("--demo");
        var end = await demo.EndAsync();

        Assert.Equal((1, $"error: {demo.Url} is in use by another process; set another address with GITOPSGRAINS__Http__Url", ""), (end.ExitCode, end.Error, end.Output));
        Assert.False(Directory.Exists(Path.Combine(demo.DataDirectory, "demo")));
    }

    [Fact]
    public async Task FolderOfAnotherInstallation_IsLeftAlone()
    {
        await using var silo = await SiloProcess.StartNewAsync(new Dictionary<string, string> { ["Installation__Name"] = "default" });
        await silo.Api.ApplyAsync(Manifests.Cluster("mine", "/nowhere"));
        await silo.StopAsync();
        using var demo = new DemoProcess();

        await demo.StartAsync("--demo", "--data", silo.DataDirectory);
        var end = await demo.EndAsync();

        Assert.Equal(1, end.ExitCode);
        Assert.Contains(
            $"error: {silo.DataDirectory} holds an installation that is no demo; give the demo a folder of its own: --demo --data DIR", end.Error.Split('\n'));
        Assert.False(Directory.Exists(Path.Combine(silo.DataDirectory, "demo")));
    }

    private static async Task BrokenOneSaysWhatAndWhereAsync(DemoProcess demo)
    {
        var refused = Assert.Single((await demo.Api.TargetAsync("shop/payments", "eu-prod-2")).Conditions);
        Assert.Equal(("PreflightFailed", Refused, "payments.yaml", 1), (refused.Type, refused.Message, Path.GetFileName(refused.File), refused.Document));
        var degraded = Assert.Single((await demo.Api.TargetAsync("shop/payments", "eu-prod-1")).Conditions);
        Assert.Equal(("HealthCheckFailed", "Deployment.apps payments/payments: Deployment \"payments\" exceeded its progress deadline"), (degraded.Type, degraded.Message));
    }

    private static async Task DriftIsPutBackAndToldAsync(DemoProcess demo)
    {
        var target = await Eventually.GetAsync(
            async () => (await Task.WhenAll(Prod.Select(cluster => demo.Api.TargetAsync("shop/cart", cluster)))).FirstOrDefault(static view => Scaled(view) is not null),
            static view => view is not null, "a drift of the replicas that was put back", TimeSpan.FromSeconds(60));
        var drift = Scaled(target!)!;
        Assert.Equal(("3", "9", "kubectl-edit", "Update"), (drift.From, drift.To, drift.Manager, drift.Operation));
        await Eventually.TrueAsync(() => demo.Lines.Any(static line => line.Contains("put back after", StringComparison.Ordinal)), "a line that says so");
    }

    private static DriftView? Scaled(TargetView target) =>
        target.Objects!.FirstOrDefault(static item => item is { Kind: "Deployment", Name: "cart" })?.Repaired?.Drift.FirstOrDefault(static drift => drift.Path == "/spec/replicas");

    private static async Task PrintedCommandsWorkAsync(DemoProcess demo)
    {
        Assert.Equal(9, demo.Commands.Length);
        foreach (var command in demo.Commands)
        {
            var result = await demo.RunAsync(command);
            Assert.True(result.ExitCode == 0, $"{command}: {result}");
            if (command.Contains("app sync", StringComparison.Ordinal))
                foreach (var cluster in Prod) Assert.Equal("Release web 1.5", await NewestOnAsync(demo, cluster));
        }

        Assert.Equal("Roll back shop/web", (await GitProcess.RunAsync(Path.Combine(demo.DataDirectory, "demo", "fleet.git"), ["log", "-1", "--format=%s", "main"]))[..18]);
        Assert.Contains("web:1.4", await GitProcess.RunAsync(Path.Combine(demo.DataDirectory, "demo", "fleet.git"), ["show", "main:shop/web/web.yaml"]), StringComparison.Ordinal);
    }

    private static async Task<string> NewestOnAsync(DemoProcess demo, string cluster) =>
        (await demo.Api.HistoryAsync("shop/web")).First(entry => entry.Cluster == cluster).Message.Trim();

    private static async Task<string[]> StatesAsync(DemoProcess demo)
    {
        var names = States.Select(static state => state.Split(' ')[0]);
        var views = await Task.WhenAll(names.Select(demo.Api.ApplicationAsync));
        return [.. views.Select(static view => $"{view.Spec.Project}/{view.Metadata.Name} {view.Status.Sync} {view.Status.Health} {view.Status.Targets.Sync.GetValueOrDefault("Synced")}/{view.Status.Targets.Total}")];
    }

    /// <summary>Seconds from the start of the process to the first application that is where it should be.</summary>
    private static double FirstResult(DemoProcess demo)
    {
        var line = demo.Lines.First(static line => line.Contains("Synced", StringComparison.Ordinal));
        return double.Parse(line[..line.IndexOf(" s ", StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// uid, generation and the time of our last write of the workloads of web, as they were saved. The status is the controllers', who
    /// may be in the middle of a rollout at the end.
    /// </summary>
    private static string[] Deployments(DemoProcess demo) =>
        [.. Prod.Select(cluster =>
        {
            using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(demo.DataDirectory, "demo", "clusters", cluster + ".json")));
            var metadata = file.RootElement.GetProperty("objects").EnumerateArray().Select(static item => item.GetProperty("object").GetProperty("metadata"))
                .First(static item => item.GetProperty("name").GetString() == "web" && item.TryGetProperty("generation", out _));
            var ours = metadata.GetProperty("managedFields").EnumerateArray().First(static entry => entry.GetProperty("manager").GetString() == "gitopsgrains");
            return $"{cluster} {metadata.GetProperty("uid")} {metadata.GetProperty("generation")} {ours.GetProperty("time")}";
        })];

    private static string[] ProcessesIn(string folder) =>
        [.. Directory.EnumerateDirectories("/proc").Where(static path => int.TryParse(Path.GetFileName(path), out _)).Select(static path => Read(Path.Combine(path, "cmdline")))
            .Where(line => line.Contains(folder, StringComparison.Ordinal))];

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Replace('\0', ' ');
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return "";
        }
    }
}
