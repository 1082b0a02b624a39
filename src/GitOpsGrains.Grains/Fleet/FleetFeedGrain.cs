using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Fleet;

/// <inheritdoc cref="IFleetFeedGrain"/>
[GrainType("fleet-feed")]
[KeepAlive]
public sealed class FleetFeedGrain(TimeProvider time) : Grain, IFleetFeedGrain, IFleetFeedInbox
{
    private const int Capacity = 10_000;
    private const int PageSize = 500;
    private const int MaxSenders = 1000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    // A new activation knows nothing of what another one numbered: its cursors begin with another word.
    private SeriesPosition _last = SeriesPosition.Begin(8);
    private readonly Queue<WatchEventView> _events = new();
    private readonly ChangeSignal _changed = new();
    private readonly OrderedDictionary<string, long> _heardOf = new(StringComparer.Ordinal);

    public Task OnChangedAsync(IReadOnlyList<WatchEventView> changes)
    {
        foreach (var change in changes.Where(IsNew))
        {
            _last = _last.Next;
            _events.Enqueue(change with { Sequence = _last.ToString() });
            if (_events.Count > Capacity) _events.Dequeue();
        }
        _changed.Raise();
        return Task.CompletedTask;
    }

    public async Task<FeedPage> ReadAsync(string cursor, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (cursor.Length == 0) return new FeedPage([], _last.ToString(), TooOld: false);
        if (Position(cursor) is not { } after || after > _last.Number || after < _last.Number - _events.Count) return new FeedPage([], _last.ToString(), TooOld: true);
        if (after == _last.Number)
        {
            try
            {
                await _changed.Next.WaitAsync(wait < LongestWait ? wait : LongestWait, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return new FeedPage([], cursor, TooOld: false);
            }
        }
        if (after < _last.Number - _events.Count) return new FeedPage([], _last.ToString(), TooOld: true);
        var page = _events.Skip((int)(after - (_last.Number - _events.Count))).Take(PageSize).ToArray();
        return new FeedPage(page, (_last with { Number = after + page.Length }).ToString(), TooOld: false);
    }

    /// <summary>What comes once more comes after what its sender has told since; a silo of before numbers nothing.</summary>
    private bool IsNew(WatchEventView change)
    {
        if (SeriesPosition.Read(change.Sequence) is not var (sender, number)) return true;
        if (_heardOf.TryGetValue(sender, out var last) && number <= last) return false;
        _heardOf[sender] = number;
        if (_heardOf.Count > MaxSenders) _heardOf.RemoveAt(0);
        return true;
    }

    private long? Position(string cursor) => SeriesPosition.Read(cursor) is { } position && position.Series == _last.Series ? position.Number : null;
}
