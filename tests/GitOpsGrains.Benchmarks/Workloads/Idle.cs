using System.Diagnostics;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B11: N applications on simulated clusters, all in sync: what the silo takes while nothing happens, and how long it needs after it
/// was killed until all are known to be in sync, beside a bare LIST of everything.
/// </summary>
internal static class Idle
{
    private const string Name = "b11";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, quiet) = (stage.Options.Applications, TimeSpan.FromSeconds(stage.Options.Quick ? 15 : 60));
        await using var simulator = await stage.StartSimulatorAsync(stage.Options.Clusters);
        var repository = await stage.Git.CreateRepositoryAsync("idle");
        var commit = await FleetStage.WriteAsync(repository, count, "#same");
        var data = stage.NextDataFolder();
        var empty = 0.0;
        var silo = await SiloProcess.StartAsync(data);
        try
        {
            empty = silo.Usage.Megabytes;
            await BenchmarkStage.AddRepositoryAsync(silo, repository);
            await FleetStage.InstallAsync(silo, simulator, repository, count);
            // Proofs are written behind, and the code of the install is compiled anew.
            await QuietAsync(TimeSpan.FromSeconds(10));
            var (cpu, requests, began) = (silo.Usage.Cpu, await simulator.RequestsAsync(), Stopwatch.GetTimestamp());
            await QuietAsync(quiet);
            report.Add(Name, $"{count} applications on {stage.Options.Clusters} simulated clusters: idle, part of a core", 100 * (silo.Usage.Cpu - cpu) / Stopwatch.GetElapsedTime(began), "%", 10);
            report.Add(Name, "requests while idle", (await simulator.RequestsAsync()).Values.Sum() - requests.Values.Sum(), "requests");
            report.Add(Name, "memory per application, beyond an empty silo", 1024 * (silo.Usage.Megabytes - empty) / count, "KB", 20);
        }
        finally
        {
            await silo.DisposeAsync();
        }
        await RestartAsync(stage, simulator, report, data, count, commit);
    }

    private static async Task RestartAsync(BenchmarkStage stage, Simulator simulator, Report report, string data, int count, string commit)
    {
        var list = new Series();
        for (var round = 0; round < 3; round++)
        {
            var listed = Stopwatch.GetTimestamp();
            await FleetStage.VerifyAsync(simulator, count, "#same");
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

    private static Task QuietAsync(TimeSpan span)
    {
        var began = Stopwatch.GetTimestamp();
        return Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(began) > span, "a quiet time", span * 2);
    }
}
