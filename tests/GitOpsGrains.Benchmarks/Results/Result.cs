namespace GitOpsGrains.Benchmarks.Results;

/// <summary>One line of the table.</summary>
/// <param name="Goal">The most that the value may be; null where there is no goal.</param>
internal sealed record Result(string Benchmark, string Measure, double Value, string Unit, double? Goal, IReadOnlyList<double> Samples)
{
    /// <summary>Of the run that it is from; null where there was one size only.</summary>
    public int? Size { get; init; }

    public bool IsMet => Goal is not { } goal || Value <= goal;
}
