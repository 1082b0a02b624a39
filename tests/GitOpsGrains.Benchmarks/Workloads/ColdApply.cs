using System.Diagnostics;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B1: N Deployments into an empty namespace. Ours begins with the Application document and fetches, renders and applies a
/// commit that the silo has not seen; the peer begins with the file. Both end when the N-th object shows in a watch beside them.
/// </summary>
internal static class ColdApply
{
    private const string Name = "b1";

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, rounds) = (stage.Options.Objects, stage.Options.Rounds ?? 5);
        var repository = await stage.Git.CreateRepositoryAsync("cold");
        await repository.PublishAsync("warm/d.yaml", Podinfo.Deployments(1, "#warm"));
        await using var silo = await stage.StartSiloAsync(repository);
        await stage.Server.Client.CreateNamespaceAsync("cold-ours");
        await stage.Server.Client.CreateNamespaceAsync("cold-peer");
        await WarmUpAsync(stage, silo, await repository.HeadAsync());

        var first = new Series();
        var (ours, oursCpu, oursServer, peer, peerCpu, peerServer) = (new Series(), new Series(), new Series(), new Series(), new Series(), new Series());
        for (var round = 0; round < rounds; round++)
        {
            var color = $"#{round:000000}";
            var file = Path.Combine(repository.Folder, $"round-{round}", "d.yaml");
            var commit = await repository.PublishAsync($"round-{round}/d.yaml", Podinfo.Deployments(count, color));
            if (stage.Kubectl is { } kubectl) await PeerAsync(stage, kubectl, file, count, peer, peerCpu, peerServer);
            await OursAsync(stage, silo, round, count, commit, first, ours, oursCpu, oursServer, report);
            await LiveObjects.VerifyAsync(stage.Server, "cold-ours", count, _ => color);
            if (stage.Kubectl is not null) await LiveObjects.VerifySameAsync(stage.Server, "cold-ours", "cold-peer");
            await silo.Client.DeleteAsync($"cold-{round}");
            await LiveObjects.VerifyAsync(stage.Server, "cold-ours", 0, _ => "");
            await LiveObjects.EmptyAsync(stage.Server, "cold-peer");
            Report.Say($"b1 round {round}: ours {ours.Samples[^1]:0} ms{(peer.Samples.Count == 0 ? "" : $", kubectl {peer.Samples[^1]:0} ms")}");
        }

        report.Add(Name, $"{count} Deployments cold, ours", ours);
        report.Add(Name, "first of them, ours", first);
        report.Add(Name, "own CPU", oursCpu);
        report.Add(Name, "API server and etcd CPU", oursServer);
        if (peer.Samples.Count > 0)
        {
            report.Add(Name, "kubectl apply --server-side", peer);
            report.Add(Name, "kubectl: own CPU", peerCpu);
            report.Add(Name, "kubectl: API server and etcd CPU", peerServer);
            report.Add(Name, "ours / kubectl", ours.Median / peer.Median, "", 1.0 / 3);
        }

        report.Add(Name, "silo: peak memory", silo.Usage.PeakMegabytes, "MB");
    }

    /// <summary>Connections, discovery, code: both contenders are measured warm.</summary>
    private static async Task WarmUpAsync(BenchmarkStage stage, SiloProcess silo, string commit)
    {
        await silo.Client.ApplyAsync(SiloClient.Application("cold-warm", "warm", "cold-ours"));
        await silo.Client.WaitSyncedAsync("cold-warm", commit);
        await silo.Client.DeleteAsync("cold-warm");
    }

    private static async Task PeerAsync(BenchmarkStage stage, Kubectl kubectl, string file, int count, Series wall, Series cpu, Series server)
    {
        await using var watch = await LiveWatch.StartAsync(stage.Server, LiveObjects.PathOf("cold-peer"), metadataOnly: true);
        var (before, began) = (stage.ServerUsage.Cpu, Stopwatch.GetTimestamp());
        var run = kubectl.ApplyAsync("cold-peer", file);
        wall.Add(Stopwatch.GetElapsedTime(began, await watch.WaitCountAsync("ADDED", count)));
        cpu.Add((await run).Cpu);
        server.Add(stage.ServerUsage.Cpu - before);
    }

    private static async Task OursAsync(
        BenchmarkStage stage, SiloProcess silo, int round, int count, string commit, Series first, Series wall, Series cpu, Series server, Report report)
    {
        await using var watch = await LiveWatch.StartAsync(stage.Server, LiveObjects.PathOf("cold-ours"), metadataOnly: true);
        var requests = await stage.Server.ReadRequestCountsAsync();
        var (before, own, began) = (stage.ServerUsage.Cpu, silo.Usage.Cpu, Stopwatch.GetTimestamp());
        await silo.Client.ApplyAsync(SiloClient.Application($"cold-{round}", $"round-{round}", "cold-ours"));
        first.Add(Stopwatch.GetElapsedTime(began, await watch.WaitCountAsync("ADDED", 1)));
        wall.Add(Stopwatch.GetElapsedTime(began, count == 1 ? Stopwatch.GetTimestamp() : await watch.WaitCountAsync("ADDED", count - 1)));
        await silo.Client.WaitSyncedAsync($"cold-{round}", commit);
        cpu.Add(silo.Usage.Cpu - own);
        server.Add(stage.ServerUsage.Cpu - before);
        if (round > 0) return;
        // Our own writes are no drift: each object is written once, and none is read or healed for it.
        var since = (await stage.Server.ReadRequestCountsAsync()).Since(requests);
        report.Add(Name, "writes beyond one per object", since.Writes("deployments") - count, "requests", 0);
        report.Add(Name, "checks (reads of single objects)", since.Of("GET", "deployments"), "requests", 0);
    }
}
