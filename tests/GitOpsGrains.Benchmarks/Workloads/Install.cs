using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B5: N applications of four objects each (podinfo's Deployment, Service and ServiceAccount, and a ConfigMap), one repository of
/// plain directories: installed, then upgraded by commits that change all objects of all, with and without preflight. Beside each, a
/// bare loop of the same applies (or dry runs, then applies), 64 at a time over HTTP/2.
/// </summary>
internal static class Install
{
    private const string Name = "b5";
    private const string Space = "many";
    private const string LoopSpace = "many-loop";
    private const int ObjectsEach = 4;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly string[] Paths = ["apis/apps/v1/namespaces/{0}/deployments", "api/v1/namespaces/{0}/configmaps", "api/v1/namespaces/{0}/services", "api/v1/namespaces/{0}/serviceaccounts"];

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, rounds) = (stage.Options.Applications, stage.Options.Rounds ?? 3);
        var repository = await stage.Git.CreateRepositoryAsync(Space);
        var commit = await WriteAllAsync(repository, count, "#first");
        await using var silo = await stage.StartBareSiloAsync(repository);
        await stage.AddClusterAsync(silo);
        await stage.Server.Client.CreateNamespaceAsync(Space);
        await stage.Server.Client.CreateNamespaceAsync(LoopSpace);
        await LoopAsync(stage, count, "#first", withDryRuns: false);

        var (cpu, began) = (silo.Usage.Cpu, Stopwatch.GetTimestamp());
        await PutAllAsync(silo, count, preflight: false);
        await silo.Client.WaitAllSyncedAsync(count, commit, Longest);
        report.Add(Name, $"{count} applications of {ObjectsEach} objects: documents → all synced", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms");
        report.Add(Name, "install: own CPU per application", (silo.Usage.Cpu - cpu).TotalMilliseconds / count, "ms");
        await LiveObjects.VerifyAsync(stage.Server, Space, count, _ => "#first");

        foreach (var preflight in new[] { false, true })
        {
            await PutAllAsync(silo, count, preflight);
            await UpgradesAsync(stage, silo, repository, report, count, rounds, preflight);
        }

        report.Add(Name, "silo: peak memory", silo.Usage.PeakMegabytes, "MB", 300);
        report.Add(Name, "silo: memory at the end", silo.Usage.Megabytes, "MB");
    }

    private static async Task UpgradesAsync(BenchmarkStage stage, SiloProcess silo, GitWorkspace repository, Report report, int count, int rounds, bool preflight)
    {
        var how = preflight ? "with preflight" : "without preflight";
        var (ours, own, server, loop) = (new Series(), new Series(), new Series(), new Series());
        for (var round = 0; round < rounds; round++)
        {
            var color = string.Create(CultureInfo.InvariantCulture, $"#{(preflight ? 1 : 0)}{round:00000}");
            var commit = await WriteAllAsync(repository, count, color);
            var (requests, git) = (await stage.Server.ReadRequestCountsAsync(), stage.Git.Requests);
            var (cpu, serverCpu, began) = (silo.Usage.Cpu, stage.ServerUsage.Cpu, Stopwatch.GetTimestamp());
            await silo.Client.RefreshAsync(NameOf(0));
            await silo.Client.WaitAllSyncedAsync(count, commit, Longest);
            ours.Add(Stopwatch.GetElapsedTime(began));
            own.Add((silo.Usage.Cpu - cpu) / count);
            server.Add((stage.ServerUsage.Cpu - serverCpu) / count);
            await LiveObjects.VerifyAsync(stage.Server, Space, count, _ => color);
            if (round == 0) await CountAsync(stage, report, count, how, requests, git);
            loop.Add(await LoopAsync(stage, count, color, preflight));
            Report.Say(string.Create(CultureInfo.InvariantCulture, $"{Name} {how}, round {round}: ours {ours.Samples[^1]:0} ms, bare loop {loop.Samples[^1]:0} ms"));
        }

        report.Add(Name, $"upgrade {how}: refresh after push → all synced", ours);
        report.Add(Name, $"upgrade {how}: own CPU per application", own);
        report.Add(Name, $"upgrade {how}: CPU of API server and etcd per application", server);
        report.Add(Name, $"bare loop of the same {ObjectsEach * count} {(preflight ? "dry runs and applies" : "applies")}", loop);
        report.Add(Name, $"upgrade {how}: ours / bare loop", ours.Median / loop.Median, "", preflight ? 1.5 : 1.9);
    }

    private static async Task CountAsync(BenchmarkStage stage, Report report, int count, string how, RequestCounts requests, GitServerRequests git)
    {
        var since = (await stage.Server.ReadRequestCountsAsync()).Since(requests);
        var writes = since.Writes("deployments") + since.Writes("configmaps") + since.Writes("services") + since.Writes("serviceaccounts");
        report.Add(Name, $"upgrade {how}: writes beyond one per changed object", writes - (ObjectsEach * count), "requests", 0);
        report.Add(Name, $"upgrade {how}: fetches from Git", stage.Git.Requests.Fetch - git.Fetch, "requests", 1);
    }

    private static async Task PutAllAsync(SiloProcess silo, int count, bool preflight)
    {
        foreach (var part in Enumerable.Range(0, count).Chunk(FleetStage.DocumentsAtOnce))
            await silo.Client.ApplyAsync(string.Join("---\n", part.Select(index => SiloClient.Application(NameOf(index), FolderOf(index), Space, preflight: preflight))));
    }

    private static async Task<TimeSpan> LoopAsync(BenchmarkStage stage, int count, string color, bool withDryRuns)
    {
        var objects = Enumerable.Range(0, count).SelectMany(index => ObjectsOf(index, color).Select((text, kind) => (Path: $"/{string.Format(CultureInfo.InvariantCulture, Paths[kind], LoopSpace)}/{Podinfo.Name(index)}", text))).ToArray();
        var began = Stopwatch.GetTimestamp();
        await BareLoop.RunAsync(stage.Server, objects, BareLoop.StepsOf(withDryRuns));
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task<string> WriteAllAsync(GitWorkspace repository, int count, string color)
    {
        for (var index = 0; index < count; index++)
            foreach (var (text, kind) in ObjectsOf(index, color).Select((text, kind) => (text, kind)))
                await repository.WriteAsync($"{FolderOf(index)}/{kind}.yaml", text);
        var commit = await repository.CommitAsync($"Make all {color}");
        await repository.PushAsync();
        return commit;
    }

    /// <summary>In the order of <see cref="Paths"/>; each carries the color.</summary>
    private static string[] ObjectsOf(int index, string color)
    {
        var name = Podinfo.Name(index);
        return [Podinfo.Deployment(name, color), Podinfo.ConfigMap(name, color), Annotated(Podinfo.Service(name)), Annotated(Podinfo.ServiceAccount(name))];

        string Annotated(string manifest) =>
            manifest.Replace($"metadata:\n  name: {name}\n", $"metadata:\n  name: {name}\n  annotations: {{example.com/color: \"{color}\"}}\n", StringComparison.Ordinal);
    }

    private static string NameOf(int index) => $"app-{index:0000}";

    private static string FolderOf(int index) => $"apps/{NameOf(index)}";
}
