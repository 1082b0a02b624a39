using System.Diagnostics.Metrics;
using Prometheus;
using Exposition = Prometheus.Metrics;

namespace GitOpsGrains.Gateway.Metrics;

/// <summary>
/// What the process measures, as Prometheus reads it. It listens from before anything is measured until the process ends.
/// The package's own adapter is not used: it makes gauges of counters, and takes whatever labels come.
/// </summary>
internal sealed class MeterExport : IDisposable
{
    private readonly CollectorRegistry _registry = Exposition.NewCustomRegistry();
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly Lock _turns = new();
    private readonly Dictionary<string, MetricSeries> _metrics = new(StringComparer.Ordinal);
    private Task<ReadOnlyMemory<byte>> _last = Task.FromResult(ReadOnlyMemory<byte>.Empty);

    /// <summary>The last one has not begun.</summary>
    private bool _isNext;

    public MeterExport()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ExportedMetrics.Find(instrument.Name) is { } metric) listener.EnableMeasurementEvents(instrument, SeriesOf(metric, instrument));
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, series) => ((MetricSeries)series!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, series) => ((MetricSeries)series!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, series) => ((MetricSeries)series!).Record(value, tags));
        _listener.Start();
        _registry.AddBeforeCollectCallback(_listener.RecordObservableInstruments);
    }

    /// <summary>
    /// The text of now, whole: a slow reader keeps nobody waiting. Who asks while one is made shares the next with all others who do: nobody
    /// needs a token to ask, and however many ask, the one whose question matters is answered.
    /// </summary>
    public Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_turns)
        {
            if (!_isNext) (_last, _isNext) = _last.IsCompleted ? (Task.Run(MakeAsync, CancellationToken.None), false) : (AfterAsync(_last), true);
            return _last.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task<ReadOnlyMemory<byte>> AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_turns) _isNext = false;
        return await MakeAsync();
    }

    private async Task<ReadOnlyMemory<byte>> MakeAsync()
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, CancellationToken.None);
        return text.GetBuffer().AsMemory(0, (int)text.Length);
    }

    /// <summary>Instruments of one name are one metric: several parts of the program have queues.</summary>
    private MetricSeries SeriesOf(ExportedMetric metric, Instrument instrument)
    {
        lock (_gate)
        {
            if (!_metrics.TryGetValue(metric.Instrument, out var series)) _metrics[metric.Instrument] = series = new MetricSeries(metric, instrument, _registry);
            return series;
        }
    }
}
