using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B7: one repository with N applications on simulated clusters, and the same with a tenth of them; commits that touch one. The
/// clock runs from the refresh after the push until the object has changed in its cluster.
/// </summary>
internal static class Monorepo
{
    private const string Name = "b7";

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var count = stage.Options.Applications;
        var small = await MeasureAsync(stage, report, Math.Max(1, count / 10));
        var large = await MeasureAsync(stage, report, count);
        report.Add(Name, $"{count} applications / {Math.Max(1, count / 10)}", large.Median / small.Median, "", 1.2);
    }

    private static async Task<Series> MeasureAsync(BenchmarkStage stage, Report report, int count)
    {
        var rounds = stage.Options.Rounds ?? 30;
        await using var simulator = await stage.StartSimulatorAsync(stage.Options.Clusters);
        var repository = await stage.Git.CreateRepositoryAsync($"mono-{count}");
        await FleetStage.WriteAsync(repository, count, "#first");
        await using var silo = await stage.StartBareSiloAsync(repository);
        await FleetStage.InstallAsync(silo.Client, simulator, repository, count);

        var (live, fetch, random) = (new Series(), new Series(), new Random(1));
        var (writes, git, cpu) = (await simulator.WritesAsync(), stage.Git.Requests, silo.Usage.Cpu);
        for (var round = 0; round < rounds; round++)
        {
            var (index, color) = (random.Next(count), string.Create(CultureInfo.InvariantCulture, $"#{round:000000}"));
            var commit = await repository.PublishAsync(FleetStage.FileOf(index), Podinfo.ConfigMap(FleetStage.NameOf(index), color));
            var began = Stopwatch.GetTimestamp();
            var refresh = silo.Client.RefreshAsync(FleetStage.NameOf(index));
            await FleetStage.WaitColorAsync(simulator, index, color);
            live.Add(Stopwatch.GetElapsedTime(began));
            await refresh;
            await silo.Client.WaitSyncedAsync(FleetStage.NameOf(index), commit);
        }

        var size = $"{count} applications, one touched";
        report.Add(Name, $"{size}: refresh after push → live", live);
        report.Add(Name, $"{size}: own CPU per commit", (silo.Usage.Cpu - cpu).TotalMilliseconds / rounds, "ms");
        report.Add(Name, $"{size}: fetches per commit", (double)(stage.Git.Requests.Fetch - git.Fetch) / rounds, "requests", 1);
        report.Add(Name, $"{size}: writes per commit", (double)(await simulator.WritesAsync() - writes) / rounds, "requests", 1);
        return live;
    }
}
