using System.Diagnostics;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// N applications of four objects each (podinfo's Deployment, Service and ServiceAccount, and a ConfigMap), one repository:
/// installed, then upgraded by one commit that changes Deployment and ConfigMap of all.
/// </summary>
internal static class ManyApplications
{
    private const string Name = "apps";

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, rounds) = (stage.Options.Applications, stage.Options.Rounds ?? 3);
        var repository = await stage.Git.CreateRepositoryAsync("many");
        await WriteAllAsync(repository, count, "#first");
        var commit = await repository.CommitAsync("Add all");
        await repository.PushAsync();
        await using var silo = await stage.StartSiloAsync(repository);
        await stage.Server.Client.CreateNamespaceAsync("many");

        var cpu = silo.Usage.Cpu;
        var began = Stopwatch.GetTimestamp();
        await silo.Client.ApplyAsync(string.Join("---\n", Enumerable.Range(0, count).Select(index => SiloClient.Application(NameOf(index), FolderOf(index), "many"))));
        var accepted = Stopwatch.GetElapsedTime(began);
        await silo.Client.WaitAllSyncedAsync(count, commit);
        var installed = Stopwatch.GetElapsedTime(began);
        await LiveObjects.VerifyAsync(stage.Server, "many", count, _ => "#first");
        report.Add(Name, $"{count} applications of 4 objects: documents accepted", accepted.TotalMilliseconds, "ms");
        report.Add(Name, "install: documents → all synced", installed.TotalMilliseconds, "ms", 5000);
        report.Add(Name, "install: own CPU", (silo.Usage.Cpu - cpu).TotalMilliseconds, "ms");

        var upgrades = new Series();
        for (var round = 0; round < rounds; round++) upgrades.Add(await UpgradeAsync(stage, silo, repository, count, $"#{round:000000}", report, round == 0));
        report.Add(Name, "upgrade: refresh after push → all synced", upgrades, goal: 5000);
        report.Add(Name, "silo: peak memory", silo.Usage.PeakMegabytes, "MB", 300);
        report.Add(Name, "silo: memory at the end", silo.Usage.Megabytes, "MB");
    }

    private static async Task<TimeSpan> UpgradeAsync(
        BenchmarkStage stage, SiloProcess silo, GitWorkspace repository, int count, string color, Report report, bool counts)
    {
        await WriteAllAsync(repository, count, color);
        var commit = await repository.CommitAsync("Change all");
        await repository.PushAsync();
        var (requests, git) = (await stage.Server.ReadRequestCountsAsync(), stage.Git.Requests);
        var began = Stopwatch.GetTimestamp();
        await silo.Client.RefreshAsync(NameOf(0));
        await silo.Client.WaitAllSyncedAsync(count, commit);
        var wall = Stopwatch.GetElapsedTime(began);
        await LiveObjects.VerifyAsync(stage.Server, "many", count, _ => color);
        if (!counts) return wall;
        var since = (await stage.Server.ReadRequestCountsAsync()).Since(requests);
        report.Add(Name, "upgrade: writes beyond one per changed object", since.Writes("deployments") + since.Writes("configmaps") + since.Writes("services") + since.Writes("serviceaccounts") - (2 * count), "requests", 0);
        report.Add(Name, "upgrade: fetches from Git", stage.Git.Requests.Fetch - git.Fetch, "requests", 1);
        return wall;
    }

    private static async Task WriteAllAsync(GitWorkspace repository, int count, string color)
    {
        for (var index = 0; index < count; index++)
        {
            var (folder, name) = (FolderOf(index), Podinfo.Name(index));
            await repository.WriteAsync($"{folder}/deployment.yaml", Podinfo.Deployment(name, color));
            await repository.WriteAsync($"{folder}/configmap.yaml", Podinfo.ConfigMap(name, color));
            await repository.WriteAsync($"{folder}/service.yaml", Podinfo.Service(name));
            await repository.WriteAsync($"{folder}/sa.yaml", Podinfo.ServiceAccount(name));
        }
    }

    private static string NameOf(int index) => $"app-{index:0000}";

    private static string FolderOf(int index) => $"apps/{NameOf(index)}";
}
