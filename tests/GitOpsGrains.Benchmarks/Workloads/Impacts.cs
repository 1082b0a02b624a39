using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Repositories;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// What it costs a repository to find that a commit does not concern an application, with one source and with several: what its
/// grain does for each of them, in this process, by its processor time.
/// </summary>
internal static class Impacts
{
    private const string Name = "impact";
    private const int ChangedFiles = 30;
    private const int Rounds = 1000;

    /// <summary>Until the code is compiled for good.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var count = stage.Options.Applications;
        await MeasureAsync(report, count, "one source", 2, index => [Source(index, "main", "apps")]);
        await MeasureAsync(report, count, "three sources of two refs, with values of one of them", 2,
            index => [Source(index, "main", "apps"), Source(index, "main", "settings") with { Name = "values" }, Source(index, "stable", "bases")]);
        await MeasureAsync(report, count, "ten sources of ten refs", null, index => [.. Enumerable.Range(0, 10).Select(number => Source(index, $"release-{number}", "apps"))]);
    }

    private static async Task MeasureAsync(Report report, int count, string what, double? goal, Func<int, SourceSpec[]> sources)
    {
        var (subscriptions, at) = (new Subscriptions(), CommitOf(0));
        for (var index = 0; index < count; index++)
        {
            var own = sources(index);
            var subject = new RenderSubject { Sources = [.. own.Select(source => new PinnedSource { Source = source, Commit = at })] };
            subscriptions.Register($"default/app-{index}", "fleet", subject, "tree", [.. own.Select(source => source.Path), $"bases/{index % 7}/kustomization.yaml"]);
        }
        var (round, began) = (0, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(began) < WarmUp) await AllAsync(subscriptions, count, ++round);
        var (before, cpu, last) = (GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime, round + Rounds);
        while (round < last) await AllAsync(subscriptions, count, ++round);
        var decisions = (double)Rounds * count;
        report.Add(Name, $"{what}: one of {count} unaffected applications", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / decisions, "µs", goal);
        report.Add(Name, "… allocated", (GC.GetTotalAllocatedBytes() - before) / decisions, "B");
    }

    private static async Task AllAsync(Subscriptions subscriptions, int count, int round)
    {
        var spared = await RoundAsync(subscriptions, CommitOf(round));
        if (spared != count) throw new InvalidOperationException($"{spared} of {count} applications were left alone");
    }

    private static async Task<int> RoundAsync(Subscriptions subscriptions, string now)
    {
        var impact = new CommitImpact(_ => now, (_, _) => Task.FromResult<ChangedPaths?>(Changes()));
        var spared = 0;
        foreach (var subscription in subscriptions.All.ToArray())
        {
            var (kind, at, _) = await impact.JudgeAsync(subscription);
            if (kind != ImpactKind.Spared) continue;
            subscription.PassOn(at);
            spared++;
        }
        return spared;
    }

    private static ChangedPaths Changes() => new(Enumerable.Range(0, ChangedFiles).SelectMany(index =>
        new[] { "", "docs", $"docs/{index}", $"docs/{index}/page.md" }.Select(path => new TreeChange(path, !path.EndsWith(".md", StringComparison.Ordinal), "1", "2"))));

    private static SourceSpec Source(int index, string reference, string folder) =>
        new() { Repository = "fleet", Ref = reference, Path = string.Create(CultureInfo.InvariantCulture, $"{folder}/app-{index:00000}") };

    private static string CommitOf(int round) => round.ToString("x40", CultureInfo.InvariantCulture);
}
