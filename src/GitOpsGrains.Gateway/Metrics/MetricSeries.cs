using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Prometheus;
using Exposition = Prometheus.Metrics;

namespace GitOpsGrains.Gateway.Metrics;

/// <summary>
/// The series of one exported metric, all there from the start: what has not happened yet is 0, so that its first time is an
/// increase. A measurement costs no memory: a series is found by the places of its labels' values.
/// </summary>
internal sealed class MetricSeries
{
    private readonly ExportedMetric _metric;
    private readonly Action<double>[] _series;

    public MetricSeries(ExportedMetric metric, Instrument instrument, CollectorRegistry registry)
    {
        _metric = metric;
        var combinations = Combinations(metric.Labels, 0, []).ToArray();
        var factory = Exposition.WithCustomRegistry(registry);
        factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
        var labels = metric.Labels.Select(label => label.Name).ToArray();
        var help = instrument.Description ?? instrument.Name;
        var generic = instrument.GetType().GetGenericTypeDefinition();
        if (!metric.IsGauge && (generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>)))
        {
            var counter = factory.CreateCounter(metric.NameOf(instrument, isCounter: true), help, labels);
            _series = Make(combinations, values => counter.WithLabels(values), series => instrument.IsObservable ? value => series.IncTo(value) : value => series.Inc(value));
        }
        else if (generic == typeof(Histogram<>))
        {
            var histogram = factory.CreateHistogram(metric.NameOf(instrument, isCounter: false), help, labels, new HistogramConfiguration { Buckets = metric.Buckets });
            _series = Make(combinations, values => histogram.WithLabels(values), series => value => series.Observe(value));
        }
        else
        {
            var gauge = factory.CreateGauge(metric.NameOf(instrument, isCounter: false), help, labels);
            _series = Make(combinations, values => gauge.WithLabels(values), series => instrument.IsObservable ? value => series.Set(value) : value => series.Inc(value));
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var place = 0;
        foreach (var label in _metric.Labels) place = (place * (label.Values.Length + 1)) + label.IndexOf(Find(tags, label.Tag));
        _series[place](value);
    }

    private static string? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags, string key)
    {
        foreach (var tag in tags)
            if (tag.Key == key) return tag.Value as string;
        return null;
    }

    private static Action<double>[] Make<T>(string[][] combinations, Func<string[], T> child, Func<T, Action<double>> record) =>
        [.. combinations.Select(values => record(child(values)))];

    /// <summary>All values of all labels, the last label's fastest.</summary>
    private static IEnumerable<string[]> Combinations(MetricLabel[] labels, int from, string[] before) => from == labels.Length
        ? [before]
        : Enumerable.Range(0, labels[from].Values.Length + 1).SelectMany(index => Combinations(labels, from + 1, [.. before, labels[from].At(index)]));
}
