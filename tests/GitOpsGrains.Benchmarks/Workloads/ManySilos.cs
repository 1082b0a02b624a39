using System.Diagnostics;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Storage;
using SiloGroup = GitOpsGrains.Testing.Processes.SiloGroup;
using SharedSilo = GitOpsGrains.Testing.Processes.SiloProcess;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B12: N applications on simulated clusters and three silos over one Redis: what a sync costs beside a single silo, how long the clusters
/// of a silo that is killed in the middle of a commit wait, and what clusters that answer nothing cost the others.
/// </summary>
internal static class ManySilos
{
    private const string Name = "b12";
    private const int Silos = 3;

    /// <summary>Until a killed silo is declared dead: three probes of 3 to 5 s are missed, and the others agree.</summary>
    private const int Detection = 20_000;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, clusters, rounds) = (stage.Options.Applications, stage.Options.Clusters, stage.Options.Rounds ?? 3);
        await using var simulator = await stage.StartSimulatorAsync(clusters);
        var repository = await stage.Git.CreateRepositoryAsync("silos");
        await FleetStage.WriteAsync(repository, count, "#first");
        using var storage = await StorageServer.RedisAsync();
        await using var group = new SiloGroup(storage.Settings);
        var silos = new List<SharedSilo> { await StartAsync(group, 0) };
        using var client = new SiloClient(silos[0].Url, silos[0].Token);
        await BenchmarkStage.AddRepositoryAsync(client, repository);
        await FleetStage.InstallAsync(client, simulator, repository, count);
        var scene = new Scene(simulator, repository, client, count);

        var alone = await RoundsAsync(scene, silos, rounds);
        var began = Stopwatch.GetTimestamp();
        for (var index = 1; index < Silos; index++) silos.Add(await StartAsync(group, index));
        await Eventually.GetAsync(client.CountClustersOfSilosAsync, held => held.Count == Silos && held.Min() > clusters / (2 * Silos), "clusters on all silos", Longest);
        report.Add(Name, $"{count} applications on {clusters} simulated clusters: two silos join → each has its clusters", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms");
        var three = await RoundsAsync(scene, silos, rounds);
        report.Add(Name, "one silo: own CPU per sync", alone.Cpu);
        report.Add(Name, "three silos: own CPU per sync", three.Cpu);
        report.Add(Name, "three silos / one, CPU per sync", three.Cpu.Median / alone.Cpu.Median, "", 1.3);
        report.Add(Name, "one silo: refresh after push → 99 % live", alone.Live);
        report.Add(Name, "three silos: refresh after push → 99 % live", three.Live);

        await BlackHolesAsync(scene, report, three.Live.Median);
        await KillAsync(scene, report, silos);
    }

    private sealed record Scene(Simulator Simulator, GitWorkspace Repository, SiloClient Client, int Count);

    private static Task<SharedSilo> StartAsync(SiloGroup group, int index) =>
        group.StartAsync($"silo-{index}", new Dictionary<string, string> { ["Silo__Port"] = $"{FreePort.Next()}", ["Logging__LogLevel__Default"] = "Warning" });

    private static async Task<(Series Cpu, Series Live)> RoundsAsync(Scene scene, List<SharedSilo> silos, int rounds)
    {
        var usage = ProcessUsage.Of([.. silos.Select(silo => silo.DataDirectory)]);
        var (cpu, live) = (new Series(), new Series());
        for (var round = 0; round < rounds; round++)
        {
            var color = $"#{silos.Count}{round:00000}";
            var commit = await FleetStage.WriteAsync(scene.Repository, scene.Count, color);
            var (writes, before, began) = (await scene.Simulator.WritesAsync(), usage.Cpu, Stopwatch.GetTimestamp());
            await scene.Client.RefreshAsync(FleetStage.NameOf(0));
            live.Add(await LiveAsync(scene, writes, scene.Count, began));
            await scene.Client.WaitAllSyncedAsync(scene.Count, commit, Longest);
            cpu.Add((usage.Cpu - before) / scene.Count);
            await FleetStage.VerifyAsync(scene.Simulator, scene.Count, color);
        }
        return (cpu, live);
    }

    /// <summary>Until 99 of 100 of these objects are written.</summary>
    private static async Task<TimeSpan> LiveAsync(Scene scene, long before, int objects, long began)
    {
        await Eventually.GetAsync(scene.Simulator.WritesAsync, seen => seen - before >= objects * 99L / 100, $"99 % of {objects} writes", Longest);
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task BlackHolesAsync(Scene scene, Report report, double usual)
    {
        int[] holes = [.. Enumerable.Range(0, scene.Simulator.Clusters).Where(index => index % 20 == 0)];
        var others = Enumerable.Range(0, scene.Count).Count(index => index % scene.Simulator.Clusters % 20 != 0);
        foreach (var hole in holes) await scene.Simulator.HangAsync(hole);
        var commit = await FleetStage.WriteAsync(scene.Repository, scene.Count, "#holes");
        var (writes, began) = (await scene.Simulator.WritesAsync(), Stopwatch.GetTimestamp());
        await scene.Client.RefreshAsync(FleetStage.NameOf(1));
        var live = await LiveAsync(scene, writes, others, began);
        report.Add(Name, $"{holes.Length} clusters answer nothing: 99 % of the others live", live.TotalMilliseconds, "ms");
        report.Add(Name, "… beside all clusters being well", live.TotalMilliseconds / usual, "", 1.5);
        foreach (var hole in holes) await scene.Simulator.HealAsync(hole);
        began = Stopwatch.GetTimestamp();
        await scene.Client.WaitAllSyncedAsync(scene.Count, commit, Longest);
        report.Add(Name, "they answer again → all in sync", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms");
        await FleetStage.VerifyAsync(scene.Simulator, scene.Count, "#holes");
    }

    private static async Task KillAsync(Scene scene, Report report, List<SharedSilo> silos)
    {
        var commit = await FleetStage.WriteAsync(scene.Repository, scene.Count, "#killed");
        var writes = await scene.Simulator.WritesAsync();
        await scene.Client.RefreshAsync(FleetStage.NameOf(0));
        await Eventually.GetAsync(scene.Simulator.WritesAsync, seen => seen - writes >= scene.Count / 4, "a quarter of the commit", Longest);
        var began = Stopwatch.GetTimestamp();
        await silos[^1].KillAsync();
        await scene.Client.WaitAllSyncedAsync(scene.Count, commit, Longest);
        report.Add(Name, "one of three killed in the middle of a commit → all in sync", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms", Detection + 10_000);
        // What the killed silo wrote and could not note anymore is read and found to be right: nobody writes it again.
        report.Add(Name, "writes beyond one per application", await scene.Simulator.WritesAsync() - writes - scene.Count, "requests", 0);
        await FleetStage.VerifyAsync(scene.Simulator, scene.Count, "#killed");
    }
}
