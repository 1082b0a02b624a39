using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Documents.Rest;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Fleet;

/// <summary>
/// What the applications of this silo have to tell, sent in batches: rows to the index, the newest of each application;
/// changes to the feed, all of them in order.
/// </summary>
public sealed partial class FleetNews : IDisposable
{
    private const int MaxBatch = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly IGrainFactory _grains;
    private readonly ILogger<FleetNews> _logger;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private Dictionary<string, FleetRow> _rows = new(StringComparer.Ordinal);
    private List<WatchEventView> _changes = [];
    private bool _isDue;

    public FleetNews(IGrainFactory grains, TimeProvider time, ILogger<FleetNews> logger)
    {
        (_grains, _logger) = (grains, logger);
        _timer = time.CreateTimer(_ => Send(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Tell(FleetRow row)
    {
        lock (_gate)
        {
            _rows[row.Application] = row;
            SendSoon();
        }
    }

    public void Tell(WatchEventView change)
    {
        lock (_gate)
        {
            _changes.Add(change);
            SendSoon();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void SendSoon()
    {
        if (_isDue) return;
        _isDue = true;
        _timer.Change(Pause, Timeout.InfiniteTimeSpan);
    }

    private void Send()
    {
        Dictionary<string, FleetRow> rows;
        List<WatchEventView> changes;
        lock (_gate)
        {
            (rows, _rows) = (_rows, new Dictionary<string, FleetRow>(StringComparer.Ordinal));
            (changes, _changes) = (_changes, []);
            _isDue = false;
        }
        foreach (var partition in rows.Values.GroupBy(static row => CatalogPartitions.Of(row.Application)))
            foreach (var batch in partition.Chunk(MaxBatch)) SendOut(() => _grains.GetGrain<IFleetIndexListener>(partition.Key).OnRowsAsync(batch), batch.Length);
        foreach (var batch in changes.Chunk(MaxBatch)) SendOut(() => _grains.GetGrain<IFleetFeedListener>(0).OnChangedAsync(batch), batch.Length);
    }

    /// <summary>On a timer's thread, where nobody else would see what goes wrong.</summary>
    private async void SendOut(Func<Task> send, int count)
    {
        try
        {
            await send();
        }
#pragma warning disable CA1031 // A silo that stops refuses calls in several ways; news may be lost.
        catch (Exception refused)
#pragma warning restore CA1031
        {
            LogLost(refused, count);
        }
    }

    [LoggerMessage(2421, LogLevel.Debug, "{Count} news could not be sent")]
    private partial void LogLost(Exception exception, int count);
}
