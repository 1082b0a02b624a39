using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B1: N Deployments into an empty namespace, with and without preflight. Ours begins with the Application document and fetches,
/// renders and applies a commit that the silo has not seen; kubectl begins with the file, and the bare loops (of applies, and of dry
/// runs each with its apply, 64 at a time over HTTP/2) with the manifests in memory. All end when the N-th object shows in a watch beside them.
/// </summary>
internal static class ColdApply
{
    private const string Name = "b1";
    private const string Ours = "cold-ours";
    private const string Peer = "cold-peer";
    private const string Loop = "cold-loop";

    /// <summary>With and without preflight, and the goal of each beside kubectl (which makes no dry run) and beside its loop.</summary>
    private static readonly (bool Preflight, string How, double? BesideKubectl)[] Rows = [(false, "without preflight", 1.0 / 3), (true, "with preflight", null)];
    private const double BesideLoop = 1.25;

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, rounds) = (stage.Options.Objects, stage.Options.Rounds ?? 5);
        var repository = await stage.Git.CreateRepositoryAsync("cold");
        await repository.PublishAsync("warm/d.yaml", Podinfo.Deployments(1, "#warm"));
        await using var silo = await stage.StartSiloAsync(repository);
        foreach (var space in new[] { Ours, Peer, Loop }) await stage.Server.Client.CreateNamespaceAsync(space);
        await WarmUpAsync(stage, silo, await repository.HeadAsync());

        var peer = new Costs();
        var (ours, loops) = (Rows.Select(_ => new Costs()).ToArray(), Rows.Select(_ => new Costs()).ToArray());
        for (var round = 0; round < rounds; round++)
            for (var row = 0; row < Rows.Length; row++)
            {
                var (name, color) = ($"cold-{round}-{row}", $"#{row}{round:00000}");
                var commit = await repository.PublishAsync($"{name}/d.yaml", Podinfo.Deployments(count, color));
                await LoopAsync(stage, count, color, Rows[row].Preflight, loops[row]);
                if (row == 0) await KubectlAsync(stage, Path.Combine(repository.Folder, name, "d.yaml"), count, peer);
                await OursAsync(stage, silo, row, name, count, commit, ours[row], report);
                await LiveObjects.VerifyAsync(stage.Server, Ours, count, _ => color);
                await LiveObjects.VerifySameAsync(stage.Server, Ours, Loop);
                if (row == 0 && peer.Any) await LiveObjects.VerifySameAsync(stage.Server, Ours, Peer);
                await silo.Client.DeleteAsync(name);
                await LiveObjects.VerifyAsync(stage.Server, Ours, 0, _ => "");
                foreach (var space in new[] { Peer, Loop }) await LiveObjects.EmptyAsync(stage.Server, space);
                Report.Say(string.Create(CultureInfo.InvariantCulture,
                    $"{Name} round {round}, {Rows[row].How}: ours {ours[row].Wall.Samples[^1]:0} ms, bare loop {loops[row].Wall.Samples[^1]:0} ms{(row == 0 && peer.Any ? $", kubectl {peer.Wall.Samples[^1]:0} ms" : "")}"));
            }

        foreach (var (row, at) in Rows.Select((row, at) => (row, at))) Tell(report, row, count, ours[at], loops[at], peer);
        if (peer.Any) peer.Tell(report, "kubectl apply --server-side", "kubectl");
        report.Add(Name, "silo: peak memory", silo.Usage.PeakMegabytes, "MB");
    }

    private static void Tell(Report report, (bool Preflight, string How, double? BesideKubectl) row, int count, Costs ours, Costs loop, Costs peer)
    {
        ours.Tell(report, $"{count} Deployments cold {row.How}, ours", row.How);
        report.Add(Name, $"first of them {row.How}, ours", ours.First);
        var steps = row.Preflight ? "dry runs and applies" : "applies";
        loop.Tell(report, $"bare loop of {steps}", $"bare loop of {steps}");
        report.Add(Name, $"ours {row.How} / bare loop", ours.Wall.Median / loop.Wall.Median, "", BesideLoop);
        if (peer.Any) report.Add(Name, $"ours {row.How} / kubectl", ours.Wall.Median / peer.Wall.Median, "", row.BesideKubectl);
    }

    /// <summary>Connections, discovery, code: all contenders are measured warm.</summary>
    private static async Task WarmUpAsync(BenchmarkStage stage, SiloProcess silo, string commit)
    {
        await silo.Client.ApplyAsync(SiloClient.Application("cold-warm", "warm", Ours));
        await silo.Client.WaitSyncedAsync("cold-warm", commit);
        await silo.Client.DeleteAsync("cold-warm");
        await ApplyAllAsync(stage, 1, "#warm", withDryRuns: true);
        await LiveObjects.EmptyAsync(stage.Server, Loop);
    }

    private static async Task LoopAsync(BenchmarkStage stage, int count, string color, bool withDryRuns, Costs costs)
    {
        await using var watch = await LiveWatch.StartAsync(stage.Server, LiveObjects.PathOf(Loop), metadataOnly: true);
        using var self = Process.GetCurrentProcess();
        var (own, server, began) = (self.TotalProcessorTime, stage.ServerUsage.Cpu, Stopwatch.GetTimestamp());
        var run = ApplyAllAsync(stage, count, color, withDryRuns);
        costs.Wall.Add(Stopwatch.GetElapsedTime(began, await watch.WaitCountAsync("ADDED", count)));
        await run;
        self.Refresh();
        costs.Own.Add(self.TotalProcessorTime - own);
        costs.Server.Add(stage.ServerUsage.Cpu - server);
    }

    private static Task ApplyAllAsync(BenchmarkStage stage, int count, string color, bool withDryRuns)
    {
        var manifests = Enumerable.Range(0, count).Select(index => ($"{LiveObjects.PathOf(Loop)}/{Podinfo.Name(index)}", Podinfo.Deployment(Podinfo.Name(index), color))).ToArray();
        return BareLoop.RunAsync(stage.Server, manifests, BareLoop.StepsOf(withDryRuns));
    }

    private static async Task KubectlAsync(BenchmarkStage stage, string file, int count, Costs costs)
    {
        if (stage.Kubectl is not { } kubectl) return;
        await using var watch = await LiveWatch.StartAsync(stage.Server, LiveObjects.PathOf(Peer), metadataOnly: true);
        var (before, began) = (stage.ServerUsage.Cpu, Stopwatch.GetTimestamp());
        var run = kubectl.ApplyAsync(Peer, file);
        costs.Wall.Add(Stopwatch.GetElapsedTime(began, await watch.WaitCountAsync("ADDED", count)));
        costs.Own.Add((await run).Cpu);
        costs.Server.Add(stage.ServerUsage.Cpu - before);
    }

    private static async Task OursAsync(BenchmarkStage stage, SiloProcess silo, int row, string name, int count, string commit, Costs costs, Report report)
    {
        await using var watch = await LiveWatch.StartAsync(stage.Server, LiveObjects.PathOf(Ours), metadataOnly: true);
        var requests = await stage.Server.ReadRequestCountsAsync();
        var (before, own, began) = (stage.ServerUsage.Cpu, silo.Usage.Cpu, Stopwatch.GetTimestamp());
        await silo.Client.ApplyAsync(SiloClient.Application(name, name, Ours, preflight: Rows[row].Preflight));
        costs.First.Add(Stopwatch.GetElapsedTime(began, await watch.WaitCountAsync("ADDED", 1)));
        costs.Wall.Add(Stopwatch.GetElapsedTime(began, count == 1 ? Stopwatch.GetTimestamp() : await watch.WaitCountAsync("ADDED", count - 1)));
        await silo.Client.WaitSyncedAsync(name, commit);
        costs.Own.Add(silo.Usage.Cpu - own);
        costs.Server.Add(stage.ServerUsage.Cpu - before);
        if (costs.Wall.Samples.Count > 1) return;
        // Our own writes are no drift: each object is written once, and none is read or healed for it.
        var since = (await stage.Server.ReadRequestCountsAsync()).Since(requests);
        report.Add(Name, $"{Rows[row].How}: writes beyond one per object", since.Writes("deployments") - count, "requests", 0);
        report.Add(Name, $"{Rows[row].How}: checks (reads of single objects)", since.Of("GET", "deployments"), "requests", 0);
    }

    /// <summary>What one contender took, by round.</summary>
    private sealed class Costs
    {
        public Series First { get; } = new();

        public Series Wall { get; } = new();

        public Series Own { get; } = new();

        public Series Server { get; } = new();

        public bool Any => Wall.Samples.Count > 0;

        public void Tell(Report report, string what, string whose)
        {
            report.Add(Name, what, Wall);
            report.Add(Name, $"{whose}: own CPU", Own);
            report.Add(Name, $"{whose}: API server and etcd CPU", Server);
        }
    }
}
