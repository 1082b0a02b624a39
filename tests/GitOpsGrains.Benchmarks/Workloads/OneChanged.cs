using System.Diagnostics;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B3: a commit changes one of N Deployments, one file each. The clock runs from the request that says so (a refresh, after
/// the push) to the change in a watch beside the silo. Before each, <c>git fetch</c> of the same commit from the same server.
/// </summary>
internal static class OneChanged
{
    private const string Name = "b3";
    private const int PeerRounds = 2;
    private const double BeyondFetch = 25;

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, rounds) = (stage.Options.Objects, stage.Options.Rounds ?? 100);
        var repository = await stage.Git.CreateRepositoryAsync("one");
        var colors = Enumerable.Repeat("#first", count).ToArray();
        for (var index = 0; index < count; index++) await repository.WriteAsync(FileOf(index), Podinfo.Deployment(Podinfo.Name(index), colors[index]));
        var first = await repository.CommitAsync("Add all");
        await repository.PushAsync();
        await using var silo = await stage.StartSiloAsync(repository);
        await stage.Server.Client.CreateNamespaceAsync("one");
        await silo.Client.ApplyAsync(SiloClient.Application("one", "app", "one"));
        await silo.Client.WaitSyncedAsync("one", first);

        using var git = await BareGit.CloneAsync(repository);
        var (live, synced, fetch) = (new Series(), new Series(), new Series());
        await using var watch = await LiveWatch.StartAsync(stage.Server, LiveObjects.PathOf("one"));
        var random = new Random(1);
        var requests = await stage.Server.ReadRequestCountsAsync();
        var cpu = silo.Usage.Cpu;
        for (var round = 0; round < rounds; round++)
        {
            var index = random.Next(count);
            colors[index] = $"#{round:000000}";
            var commit = await repository.PublishAsync(FileOf(index), Podinfo.Deployment(Podinfo.Name(index), colors[index]));
            fetch.Add(await git.FetchAsync(commit));
            await OneAsync(silo, commit, watch, index, colors[index], live, synced);
        }

        var ownCpu = (silo.Usage.Cpu - cpu) / rounds;
        var since = (await stage.Server.ReadRequestCountsAsync()).Since(requests);
        await LiveObjects.VerifyAsync(stage.Server, "one", count, index => colors[index]);
        report.Add(Name, $"writes per commit that changes one of {count}", (double)since.Writes("deployments") / rounds, "requests", 1);
        report.Add(Name, "reads per commit", (double)(since.Of("GET", "deployments") + since.Of("LIST", "deployments")) / rounds, "requests", 0);
        report.Add(Name, "refresh after push → live", live);
        report.Add(Name, "refresh after push → live", live, 99);
        report.Add(Name, "bare git fetch of the same commit", fetch);
        report.Add(Name, "refresh after push → live, beyond a bare git fetch", live.Median - fetch.Median, "ms", BeyondFetch);
        report.Add(Name, "refresh after push → application says Synced", synced);
        report.Add(Name, "own CPU per commit", ownCpu.TotalMilliseconds, "ms");
        await PeerAsync(stage, repository, count, report);
    }

    private static string FileOf(int index) => $"app/{Podinfo.Name(index)}.yaml";

    private static async Task OneAsync(SiloProcess silo, string commit, LiveWatch watch, int index, string color, Series live, Series synced)
    {
        var began = Stopwatch.GetTimestamp();
        var refresh = silo.Client.RefreshAsync("one");
        live.Add(Stopwatch.GetElapsedTime(began, await watch.WaitAsync(seen =>
            seen.Name == Podinfo.Name(index) && LiveObjects.ColorOf(seen.Object.GetProperty("spec")) == color)));
        await refresh;
        await silo.Client.WaitSyncedAsync("one", commit);
        synced.Add(Stopwatch.GetElapsedTime(began));
    }

    private static async Task PeerAsync(BenchmarkStage stage, GitWorkspace repository, int count, Report report)
    {
        if (stage.Kubectl is not { } kubectl) return;
        var (all, one) = (new Series(), new Series());
        await stage.Server.Client.CreateNamespaceAsync("one-peer");
        await kubectl.ApplyAsync("one-peer", Path.Combine(repository.Folder, "app"));
        for (var round = 0; round < PeerRounds; round++)
        {
            var file = FileOf(round % count);
            await repository.WriteAsync(file, Podinfo.Deployment(Podinfo.Name(round % count), $"#peer-{round}"));
            all.Add((await kubectl.ApplyAsync("one-peer", Path.Combine(repository.Folder, "app"))).Wall);
            await repository.WriteAsync(file, Podinfo.Deployment(Podinfo.Name(round % count), $"#peer-one-{round}"));
            one.Add((await kubectl.ApplyAsync("one-peer", Path.Combine(repository.Folder, file))).Wall);
        }

        report.Add(Name, $"kubectl apply --server-side of all {count}", all);
        report.Add(Name, "kubectl apply --server-side of the one file", one);
    }
}
