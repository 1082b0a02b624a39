namespace GitOpsGrains.Benchmarks.Results;

/// <summary>One line of the table.</summary>
/// <param name="Goal">The most that the value may be; null where there is no goal.</param>
internal sealed record Result(string Benchmark, string Measure, double Value, string Unit, double? Goal, IReadOnlyList<double> Samples)
{
    public bool IsMet => Goal is not { } goal || Value <= goal;
}
