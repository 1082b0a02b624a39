using System.Diagnostics;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B2: N Deployments are in sync, and somebody asks whether they are: the same commit, a new commit with the same tree, and
/// a sync that holds every proof against the watch. A refresh asks Git, so what it takes is held against a bare listing of the same
/// branch by the same server, in turns with it.
/// </summary>
internal static class Unchanged
{
    private const string Name = "b2";
    private const int PeerRounds = 2;
    private const double BeyondGit = 1;

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var (count, rounds) = (stage.Options.Objects, stage.Options.Rounds ?? 100);
        var repository = await stage.Git.CreateRepositoryAsync("unchanged");
        var commit = await repository.PublishAsync("app/d.yaml", Podinfo.Deployments(count, "#same"));
        await using var silo = await stage.StartSiloAsync(repository);
        await stage.Server.Client.CreateNamespaceAsync("unchanged");
        await silo.Client.ApplyAsync(SiloClient.Application("unchanged", "app", "unchanged"));
        await silo.Client.WaitSyncedAsync("unchanged", commit);

        var requests = await stage.Server.ReadRequestCountsAsync();
        var own = silo.Usage.Cpu;
        using var git = await BareGit.CloneAsync(repository);
        var listing = new Series();
        var refresh = await RepeatAsync(rounds, () => silo.Client.RefreshAsync("unchanged"), async () => listing.Add(await git.ListAsync()));
        var refreshCpu = (silo.Usage.Cpu - own) / rounds;
        var sync = await RepeatAsync(rounds, () => silo.Client.SyncAsync("unchanged"));
        var newCommit = await NewCommitsAsync(silo, repository, Math.Min(rounds, 20));
        var since = (await stage.Server.ReadRequestCountsAsync()).Since(requests);
        await LiveObjects.VerifyAsync(stage.Server, "unchanged", count, _ => "#same");

        report.Add(Name, $"requests about {count} unchanged Deployments", since.Of("GET", "deployments") + since.Of("LIST", "deployments") + since.Writes("deployments") + since.DryRuns("deployments"), "requests", 0);
        report.Add(Name, "refresh, same commit (asks Git)", refresh);
        report.Add(Name, "refresh, same commit (asks Git)", refresh, 99);
        report.Add(Name, "bare listing of the branch", listing);
        report.Add(Name, "refresh beyond a bare listing", refresh.Median - listing.Median, "ms", BeyondGit);
        report.Add(Name, "refresh: own CPU", refreshCpu.TotalMilliseconds, "ms");
        report.Add(Name, "sync, all proofs compared (asks Git, writes history)", sync);
        report.Add(Name, "new commit, same tree", newCommit);
        await PeerAsync(stage, repository, report);
    }

    private static async Task<Series> RepeatAsync(int rounds, Func<Task> action, Func<Task>? before = null)
    {
        var series = new Series();
        await action();
        for (var round = 0; round < rounds; round++)
        {
            if (before is not null) await before();
            var began = Stopwatch.GetTimestamp();
            await action();
            series.Add(Stopwatch.GetElapsedTime(began));
        }

        return series;
    }

    private static async Task<Series> NewCommitsAsync(SiloProcess silo, GitWorkspace repository, int rounds)
    {
        var series = new Series();
        for (var round = 0; round < rounds; round++)
        {
            var commit = await repository.PublishAsync("README.md", $"round {round}\n");
            var began = Stopwatch.GetTimestamp();
            await silo.Client.RefreshAsync("unchanged");
            series.Add(Stopwatch.GetElapsedTime(began));
            await silo.Client.WaitSyncedAsync("unchanged", commit);
        }

        return series;
    }

    private static async Task PeerAsync(BenchmarkStage stage, GitWorkspace repository, Report report)
    {
        if (stage.Kubectl is not { } kubectl) return;
        var (wall, file) = (new Series(), Path.Combine(repository.Folder, "app", "d.yaml"));
        for (var round = 0; round < PeerRounds; round++) wall.Add((await kubectl.DiffAsync("unchanged", file, 0)).Wall);
        report.Add(Name, "kubectl diff --server-side", wall);
    }
}
