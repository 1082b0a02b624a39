using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Benchmarks.Workloads;

namespace GitOpsGrains.Benchmarks;

/// <summary>The benchmarks by name, in the order in which "all" runs them.</summary>
internal static class BenchmarkList
{
    private static readonly (string Name, Func<BenchmarkStage, Report, Task> Run)[] All =
    [
        ("plan", Planning.RunAsync), ("preflight", DryRuns.RunAsync), ("render", Renders.RunAsync), ("impact", Impacts.RunAsync), ("polls", Polls.RunAsync), ("shallow", ShallowFetches.RunAsync), ("b1", ColdApply.RunAsync), ("b2", Unchanged.RunAsync), ("b3", OneChanged.RunAsync), ("b4", DriftHeal.RunAsync), ("b5", Install.RunAsync),
        ("b7", Monorepo.RunAsync), ("b9", Parsing.RunAsync), ("b10", FleetCommit.RunAsync), ("b11", Idle.RunAsync), ("b12", ManySilos.RunAsync),
    ];

    /// <summary>Whether a real API server is needed: the others run on simulated clusters.</summary>
    public static bool NeedsServer(BenchmarkOptions options) => options.Benchmark is not ("b7" or "b9" or "b10" or "b11" or "b12" or "plan" or "impact");

    public static IEnumerable<string> Names => All.Select(benchmark => benchmark.Name);

    public static IEnumerable<Func<BenchmarkStage, Report, Task>> Chosen(BenchmarkOptions options) =>
        All.Where(benchmark => options.Benchmark is "all" || options.Benchmark == benchmark.Name).Select(benchmark => benchmark.Run);
}
