using System.Diagnostics;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B11: N applications on simulated clusters, all in sync: what the silo takes while nothing happens, and how long it needs after it
/// was killed until all are known to be in sync, beside a bare LIST of everything; and again when its state was lost, and only the
/// documents, Git and the clusters remain.
/// </summary>
internal static class Idle
{
    private const string Name = "b11";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, each, quiet) = (stage.Options.Applications, stage.Options.Each, TimeSpan.FromSeconds(stage.Options.Quick ? 15 : 60));
        await using var simulator = await stage.StartSimulatorAsync(stage.Options.Clusters);
        var repository = await stage.Git.CreateRepositoryAsync("idle");
        var commit = await FleetStage.WriteAsync(repository, count, "#same", each);
        var data = stage.NextDataFolder();
        var empty = 0.0;
        var silo = await SiloProcess.StartAsync(data);
        try
        {
            empty = silo.Usage.Megabytes;
            await BenchmarkStage.AddRepositoryAsync(silo.Client, repository);
            await FleetStage.InstallAsync(silo.Client, simulator, repository, count);
            // Proofs are written behind, and the code of the install is compiled anew.
            await QuietAsync(TimeSpan.FromSeconds(10));
            await MeasureAsync("at first", goal: null);
            await MeasureAsync("then", goal: 10);
            report.Add(Name, "memory per application, beyond an empty silo", 1024 * (silo.Usage.Megabytes - empty) / count, "KB", 20);
        }
        finally
        {
            await silo.DisposeAsync();
        }

        await RestartAsync(simulator, report, data, count, each, commit);
        // The installation's name is the folder's.
        await LoseAllAsync(simulator, report, Path.Combine(stage.NextDataFolder(), Path.GetFileName(data)), repository, count, each, commit);

        async Task MeasureAsync(string when, double? goal)
        {
            var (cpu, requests, began) = (silo.Usage.Cpu, await simulator.RequestsAsync(), Stopwatch.GetTimestamp());
            await QuietAsync(quiet);
            report.Add(Name, $"{count} applications of {each} objects on {stage.Options.Clusters} simulated clusters: idle, part of a core, {when}", 100 * (silo.Usage.Cpu - cpu) / Stopwatch.GetElapsedTime(began), "%", goal);
            report.Add(Name, $"requests while idle, {when}", (await simulator.RequestsAsync()).Values.Sum() - requests.Values.Sum(), "requests");
        }
    }

    private static async Task RestartAsync(Simulator simulator, Report report, string data, int count, int each, string commit)
    {
        var list = new Series();
        for (var round = 0; round < 3; round++)
        {
            var listed = Stopwatch.GetTimestamp();
            await FleetStage.VerifyAsync(simulator, count * each, "#same");
            list.Add(Stopwatch.GetElapsedTime(listed));
        }

        var requests = await simulator.RequestsAsync();
        var began = Stopwatch.GetTimestamp();
        await using var silo = await SiloProcess.StartAsync(data);
        report.Add(Name, "killed and started: ready to answer", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms");
        await silo.Client.WaitAllSyncedAsync(count, commit, Longest);
        report.Add(Name, "killed and started → all known to be in sync", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms");
        report.Add(Name, "bare LIST of all ConfigMaps of all clusters", list);
        var since = await simulator.RequestsAsync();
        report.Add(Name, "writes by the restart", Simulator.WritesOf(since) - Simulator.WritesOf(requests), "requests", 0);
        report.Add(Name, "dry runs by the restart", since.GetValueOrDefault("APPLY dry-run") - requests.GetValueOrDefault("APPLY dry-run"), "requests", 0);
    }

    private static async Task LoseAllAsync(Simulator simulator, Report report, string data, GitWorkspace repository, int count, int each, string commit)
    {
        await using var silo = await SiloProcess.StartAsync(data);
        await BenchmarkStage.AddRepositoryAsync(silo.Client, repository);
        await FleetStage.PutClustersAsync(silo.Client, simulator);
        await FleetStage.TakeOverAsync(silo.Client, simulator);
        var (requests, began) = (await simulator.RequestsAsync(), Stopwatch.GetTimestamp());
        await FleetStage.PutApplicationsAsync(silo.Client, simulator, count);
        await silo.Client.WaitAllSyncedAsync(count, commit, Longest);
        report.Add(Name, "all state lost: documents → all known to be in sync", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms");
        var since = await simulator.RequestsAsync();
        report.Add(Name, "all state lost: writes", Simulator.WritesOf(since) - Simulator.WritesOf(requests), "requests", 0);
        report.Add(Name, "all state lost: dry runs per object", (since.GetValueOrDefault("APPLY dry-run") - requests.GetValueOrDefault("APPLY dry-run")) / (double)(count * each), "requests", 1);
        await FleetStage.VerifyAsync(simulator, count * each, "#same");
    }

    private static Task QuietAsync(TimeSpan span)
    {
        var began = Stopwatch.GetTimestamp();
        return Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(began) > span, "a quiet time", span * 2);
    }
}
