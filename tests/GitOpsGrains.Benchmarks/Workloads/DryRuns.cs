using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// Preflight: N Deployments that are not there yet are dry-run by a sync, from the request to its answer (which asks Git as
/// well), beside a bare loop that sends the same N manifests as dry runs, 64 at a time over HTTP/2.
/// </summary>
internal static class DryRuns
{
    private const string Name = "preflight";

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, rounds) = (stage.Options.Objects, stage.Options.Rounds ?? 5);
        var repository = await stage.Git.CreateRepositoryAsync("preflight");
        var commit = await repository.PublishAsync("app/d.yaml", Podinfo.Deployments(count, "#dry"));
        await using var silo = await stage.StartSiloAsync(repository);
        await stage.Server.Client.CreateNamespaceAsync(Name);
        await silo.Client.ApplyAsync(SiloClient.Application(Name, "app", Name, automated: false));
        await silo.Client.WaitOutOfSyncAsync(Name, commit);
        await silo.Client.DryRunAsync(Name);
        await LoopAsync(stage, count);

        var (ours, cpu, loop) = (new Series(), new Series(), new Series());
        var requests = await stage.Server.ReadRequestCountsAsync();
        for (var round = 0; round < rounds; round++)
        {
            var (own, began) = (silo.Usage.Cpu, Stopwatch.GetTimestamp());
            await silo.Client.DryRunAsync(Name);
            ours.Add(Stopwatch.GetElapsedTime(began));
            cpu.Add(silo.Usage.Cpu - own);
            began = Stopwatch.GetTimestamp();
            await LoopAsync(stage, count);
            loop.Add(Stopwatch.GetElapsedTime(began));
            Report.Say(string.Create(CultureInfo.InvariantCulture, $"{Name} round {round}: ours {ours.Samples[^1]:0} ms, bare loop {loop.Samples[^1]:0} ms"));
        }
        var since = (await stage.Server.ReadRequestCountsAsync()).Since(requests);
        await LiveObjects.VerifyAsync(stage.Server, Name, 0, _ => "");

        report.Add(Name, "writes", since.Writes("deployments"), "requests", 0);
        report.Add(Name, "dry runs beyond one per object and round", since.DryRuns("deployments") - (2 * rounds * count), "requests", 0);
        report.Add(Name, $"{count} Deployments dry-run, ours", ours);
        report.Add(Name, "own CPU", cpu);
        report.Add(Name, "bare loop of dry runs", loop);
        report.Add(Name, "ours / bare loop", ours.Median / loop.Median, "", 1.3);
    }

    private static Task LoopAsync(BenchmarkStage stage, int count) => BareLoop.RunAsync(
        stage.Server, Enumerable.Range(0, count).Select(Podinfo.Name).Select(name => ($"{LiveObjects.PathOf(Name)}/{name}", Podinfo.Deployment(name, "#dry"))), BareLoop.Steps.DryRun);
}
