using System.Globalization;
using System.Security.Cryptography;
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
    private readonly string _epoch = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private readonly Queue<WatchEventView> _events = new();
    private readonly ChangeSignal _changed = new();
    private readonly OrderedDictionary<string, long> _heardOf = new(StringComparer.Ordinal);
    private long _last;

    public Task OnChangedAsync(IReadOnlyList<WatchEventView> changes)
    {
        foreach (var change in changes.Where(IsNew))
        {
            _last++;
            _events.Enqueue(change with { Sequence = CursorOf(_last) });
            if (_events.Count > Capacity) _events.Dequeue();
        }
        _changed.Raise();
        return Task.CompletedTask;
    }

    public async Task<FeedPage> ReadAsync(string cursor, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (cursor.Length == 0) return new FeedPage([], CursorOf(_last), TooOld: false);
        if (Position(cursor) is not { } after || after > _last || after < _last - _events.Count) return new FeedPage([], CursorOf(_last), TooOld: true);
        if (after == _last)
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
        if (after < _last - _events.Count) return new FeedPage([], CursorOf(_last), TooOld: true);
        var page = _events.Skip((int)(after - (_last - _events.Count))).Take(PageSize).ToArray();
        return new FeedPage(page, CursorOf(after + page.Length), TooOld: false);
    }

    /// <summary>What comes once more comes after what its sender has told since.</summary>
    private bool IsNew(WatchEventView change)
    {
        if (ChangeNumbers.Read(change.Sequence) is not var (sender, number)) return true;
        if (_heardOf.TryGetValue(sender, out var last) && number <= last) return false;
        _heardOf[sender] = number;
        if (_heardOf.Count > MaxSenders) _heardOf.RemoveAt(0);
        return true;
    }

    private string CursorOf(long position) => $"{_epoch}-{position.ToString(CultureInfo.InvariantCulture)}";

    private long? Position(string cursor) =>
        cursor.StartsWith(_epoch + "-", StringComparison.Ordinal)
        && long.TryParse(cursor.AsSpan(_epoch.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;
}
