using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Fleet;

/// <summary>What has not been sent. Not for several threads.</summary>
internal abstract class PendingNews<T>
{
    public abstract bool IsEmpty { get; }

    public abstract void Add(T item);

    /// <summary>Takes out the first, at most so many.</summary>
    public abstract IReadOnlyList<T> Take(int most);

    /// <summary>What was taken and has not arrived.</summary>
    public abstract void PutBack(IReadOnlyList<T> batch);
}

/// <summary>The newest row of each application.</summary>
internal sealed class PendingRows : PendingNews<FleetRow>
{
    private readonly Dictionary<string, FleetRow> _rows = new(StringComparer.Ordinal);

    public override bool IsEmpty => _rows.Count == 0;

    public override void Add(FleetRow item) => _rows[item.Application] = item;

    public override IReadOnlyList<FleetRow> Take(int most)
    {
        FleetRow[] taken = [.. _rows.Values.Take(most)];
        foreach (var row in taken) _rows.Remove(row.Application);
        return taken;
    }

    public override void PutBack(IReadOnlyList<FleetRow> batch)
    {
        foreach (var row in batch) _rows.TryAdd(row.Application, row);
    }
}

/// <summary>All changes in order; the oldest are dropped where nobody takes them for long, as the feed itself drops them.</summary>
internal sealed class PendingChanges : PendingNews<WatchEventView>
{
    public const int Capacity = 10_000;

    private SeriesPosition _last = SeriesPosition.Begin(16);
    private LinkedList<WatchEventView> _changes = new();

    public override bool IsEmpty => _changes.Count == 0;

    public override void Add(WatchEventView item)
    {
        // In the place of the sequence, until the feed sets that: a batch that was given up may arrive nevertheless, and late. Here, where
        // they come one after the other: the feed takes none that is numbered before one that it has.
        _last = _last.Next;
        _changes.AddLast(item with { Sequence = _last.ToString() });
        if (_changes.Count > Capacity) _changes.RemoveFirst();
    }

    public override IReadOnlyList<WatchEventView> Take(int most)
    {
        WatchEventView[] taken = [.. _changes.Take(most)];
        for (var index = 0; index < taken.Length; index++) _changes.RemoveFirst();
        return taken;
    }

    public override void PutBack(IReadOnlyList<WatchEventView> batch)
    {
        _changes = new LinkedList<WatchEventView>(batch.Concat(_changes).TakeLast(Capacity));
    }
}
