using System.Collections.Immutable;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Documents.Rest;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Fleet;

/// <summary>
/// What the applications of this silo have to tell: rows to the index, the newest of each application; changes to the feed, all of
/// them in order. A partition that does not answer keeps none of the others waiting.
/// </summary>
public sealed class FleetNews : IDisposable
{
    private readonly ImmutableArray<Outbox<FleetRow>> _rows;
    private readonly Outbox<WatchEventView> _changes;

    public FleetNews(IGrainFactory grains, TimeProvider time, ILogger<FleetNews> logger)
    {
        _rows = [.. Enumerable.Range(0, CatalogPartitions.Count).Select(partition => new Outbox<FleetRow>(
            new PendingRows(), batch => grains.GetGrain<IFleetIndexInbox>(partition).OnRowsAsync(batch), time, logger))];
        _changes = new Outbox<WatchEventView>(new PendingChanges(), batch => grains.GetGrain<IFleetFeedInbox>(0).OnChangedAsync(batch), time, logger);
    }

    public void Tell(FleetRow row) => _rows[CatalogPartitions.Of(row.Application)].Tell(row);

    public void Tell(WatchEventView change) => _changes.Tell(change);

    public void Dispose()
    {
        foreach (var partition in _rows) partition.Dispose();
        _changes.Dispose();
    }
}
