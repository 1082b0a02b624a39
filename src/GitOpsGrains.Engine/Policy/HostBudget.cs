namespace GitOpsGrains.Engine.Policy;

/// <summary>
/// How many requests one Git server gets. Polls share one bucket; what somebody waits for (a webhook's poll, a refresh, a
/// fetch) has another of the same size, so that neither holds up the other. Times are of one steady clock.
/// Not safe for several threads at once.
/// </summary>
/// <param name="perSecond">Requests of each bucket, on average.</param>
/// <param name="burst">Requests of each bucket that may come at once.</param>
public sealed class HostBudget(double perSecond, int burst)
{
    private readonly TimeSpan _spacing = TimeSpan.FromSeconds(1 / perSecond);
    private readonly TimeSpan _ahead = TimeSpan.FromSeconds((burst - 1) / perSecond);
    private TimeSpan _nextPoll;
    private TimeSpan _nextUrgent;
    private TimeSpan _pausedUntil;

    /// <summary>A server that asks for a longer pause is asked again after this.</summary>
    public static TimeSpan LongestPause { get; } = TimeSpan.FromHours(1);

    /// <summary>What somebody waits for is tried after this, however long a pause the server asks for.</summary>
    public static TimeSpan LongestUrgentPause { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Takes the next place of a poll and returns how long to wait for it.</summary>
    public TimeSpan TakePoll(TimeSpan now) => Take(ref _nextPoll, now);

    /// <summary>Takes the next place of what somebody waits for and returns how long to wait for it.</summary>
    public TimeSpan TakeUrgent(TimeSpan now) => Take(ref _nextUrgent, now);

    /// <summary>The server asks to be left alone.</summary>
    public void Pause(TimeSpan now, TimeSpan length)
    {
        var until = now + (length < LongestPause ? length : LongestPause);
        if (until > _pausedUntil) _pausedUntil = until;
    }

    /// <summary>What is left of the pause; zero when there is none.</summary>
    public TimeSpan PausedFor(TimeSpan now) => _pausedUntil > now ? _pausedUntil - now : TimeSpan.Zero;

    /// <summary>Each request moves its bucket's next time on by one spacing; a bucket that was not used is ahead by a burst.</summary>
    private TimeSpan Take(ref TimeSpan next, TimeSpan now)
    {
        var at = next > now ? next : now;
        next = at + _spacing;
        var wait = at - _ahead - now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
