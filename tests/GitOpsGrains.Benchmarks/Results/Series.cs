namespace GitOpsGrains.Benchmarks.Results;

/// <summary>Samples of one measure.</summary>
internal sealed class Series
{
    private readonly List<double> _samples = [];

    public IReadOnlyList<double> Samples => _samples;

    public double Median => Percentile(50);

    public double Min => _samples.Min();

    public double Max => _samples.Max();

    public void Add(double sample) => _samples.Add(sample);

    public void Add(TimeSpan sample) => Add(sample.TotalMilliseconds);

    /// <summary>The nearest sample with at least this share of all at or below it.</summary>
    public double Percentile(double percent)
    {
        var sorted = _samples.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * percent / 100) - 1, 0, sorted.Length - 1)];
    }
}
