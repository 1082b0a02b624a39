using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B10: N applications of one ConfigMap of 1 KB each, on simulated clusters; one commit changes all of them. Beside it, the same
/// patches from a bare loop to the same simulator.
/// </summary>
internal static class FleetCommit
{
    private const string Name = "b10";
    private const int Usual = 10_000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>The goals for up to 10,000 applications, and for up to 50,000.</summary>
    private static readonly TimeSpan Few = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Many = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, clusters, rounds) = (stage.Options.Applications, stage.Options.Clusters, stage.Options.Rounds ?? 3);
        await using var simulator = await stage.StartSimulatorAsync(clusters);
        var repository = await stage.Git.CreateRepositoryAsync("wide");
        var commit = await FleetStage.WriteAsync(repository, count, "#first");
        await using var silo = await stage.StartBareSiloAsync(repository);
        await FleetStage.AddClustersAsync(silo.Client, simulator);
        var size = $"{count} applications on {clusters} simulated clusters";

        var (cpu, began) = (silo.Usage.Cpu, Stopwatch.GetTimestamp());
        await FleetStage.PutApplicationsAsync(silo.Client, simulator, count);
        var accepted = Stopwatch.GetElapsedTime(began);
        report.Add(Name, $"{size}: documents accepted", accepted.TotalMilliseconds, "ms");
        await silo.Client.WaitAllSyncedAsync(count, commit, Longest);
        report.Add(Name, "install: documents → all synced", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms");
        report.Add(Name, "install: own CPU per application", (silo.Usage.Cpu - cpu).TotalMilliseconds / count, "ms");
        await FleetStage.VerifyAsync(simulator, count, "#first");

        var (ours, own, bare) = (new Series(), new Series(), new Series());
        for (var round = 0; round < rounds; round++)
        {
            var color = $"#{round:000000}";
            commit = await FleetStage.WriteAsync(repository, count, color);
            var writes = await simulator.WritesAsync();
            (cpu, began) = (silo.Usage.Cpu, Stopwatch.GetTimestamp());
            await silo.Client.RefreshAsync(FleetStage.NameOf(0));
            await Eventually.GetAsync(simulator.WritesAsync, seen => seen - writes >= count, $"{count} writes", Longest);
            var live = Stopwatch.GetElapsedTime(began);
            await silo.Client.WaitAllSyncedAsync(count, commit, Longest);
            ours.Add(Stopwatch.GetElapsedTime(began));
            own.Add((silo.Usage.Cpu - cpu) / count);
            await FleetStage.VerifyAsync(simulator, count, color);
            if (round == 0) report.Add(Name, "writes beyond one per application", await simulator.WritesAsync() - writes - count, "requests", 0);
            bare.Add(await FleetStage.BareLoopAsync(simulator, count, color));
            Report.Say(string.Create(CultureInfo.InvariantCulture, $"{Name} round {round}: live {live.TotalMilliseconds:0} ms, all say Synced {ours.Samples[^1]:0} ms, bare loop {bare.Samples[^1]:0} ms"));
        }

        report.Add(Name, "refresh after push → all synced", ours, goal: (count > Usual ? Many : Few).TotalMilliseconds);
        report.Add(Name, "own CPU per sync", own, goal: 0.8);
        report.Add(Name, "bare loop of the same patches", bare);
        report.Add(Name, "ours / bare loop", ours.Median / bare.Median, "");
        report.Add(Name, "silo: memory at the end", silo.Usage.Megabytes, "MB");
        report.Add(Name, "simulator: memory at the end", simulator.Usage.Megabytes, "MB");
    }
}
