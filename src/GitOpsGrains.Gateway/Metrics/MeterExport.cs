using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using GitOpsGrains.Gateway.Fleet;
using Prometheus;
using Exposition = Prometheus.Metrics;

namespace GitOpsGrains.Gateway.Metrics;

/// <summary>
/// What the process measures, as Prometheus reads it. It listens from before anything is measured until the process ends.
/// The package's own adapter is not used: it makes gauges of counters, and takes whatever labels come.
/// </summary>
internal sealed class MeterExport : IDisposable
{
    /// <summary>Readers that wait for the one who is read to: nobody needs a token to ask.</summary>
    private const int MaxWaiting = 8;

    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = MaxWaiting });
    private readonly CollectorRegistry _registry = Exposition.NewCustomRegistry();
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MetricSeries> _metrics = new(StringComparer.Ordinal);

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

    /// <summary>The text of now, whole: a slow reader keeps nobody waiting.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        using var turn = await _turns.AcquireAsync(1, cancellationToken);
        if (!turn.IsAcquired) throw new TooManyRequestsException();
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, cancellationToken);
        return text.GetBuffer().AsMemory(0, (int)text.Length);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _turns.Dispose();
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
