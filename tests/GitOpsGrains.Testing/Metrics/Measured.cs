using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GitOpsGrains.Testing.Metrics;

/// <summary>
/// Sums of instruments for one test: measured is what its own calls bring about, found by their flow, and not what other tests do
/// meanwhile. Work that other threads do for them is not.
/// </summary>
public sealed class Measured : IDisposable
{
    private static readonly AsyncLocal<Measured?> Current = new();

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _sums = new(StringComparer.Ordinal);

    /// <param name="instruments">Their names.</param>
    public Measured(params string[] instruments)
    {
        Current.Value = this;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instruments.Contains(instrument.Name)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>By name and tags in their order: <c>gitopsgrains.requests method=GET answer=2xx</c>; in the order of these texts.</summary>
    public IReadOnlyList<(string Series, double Sum)> Sums => [.. _sums.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => (item.Key, item.Value))];

    public void Dispose()
    {
        _listener.Dispose();
        Current.Value = null;
    }

    private void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Current.Value != this) return;
        var series = instrument.Name;
        foreach (var tag in tags) series += $" {tag.Key}={tag.Value}";
        _sums.AddOrUpdate(series, value, (_, sum) => sum + value);
    }
}
