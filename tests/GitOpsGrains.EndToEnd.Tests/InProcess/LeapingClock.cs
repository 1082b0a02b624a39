using System.Collections.Concurrent;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>The system's clock, which can leap ahead: what falls due in between is done at once, and everything else goes on.</summary>
public sealed class LeapingClock : TimeProvider
{
    private readonly ConcurrentDictionary<Leaping, bool> _timers = [];
    private long _ahead;

    private TimeSpan Ahead => TimeSpan.FromTicks(Volatile.Read(ref _ahead));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

    public override long GetTimestamp() => (System.GetElapsedTime(0) + Ahead).Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Leaping(this, callback, state);
        _timers[timer] = true;
        timer.Change(dueTime, period);
        return timer;
    }

    public void Leap(TimeSpan time)
    {
        Interlocked.Add(ref _ahead, time.Ticks);
        foreach (var timer in _timers.Keys) timer.Follow();
    }

    private sealed class Leaping : ITimer
    {
        private readonly Lock _lock = new();
        private readonly LeapingClock _clock;
        private readonly ITimer _real;
        private long? _due;
        private TimeSpan _period;

        public Leaping(LeapingClock clock, TimerCallback callback, object? state)
        {
            _clock = clock;
            _real = System.CreateTimer(_ =>
            {
                if (IsDue()) callback(state);
            }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                (_due, _period) = (dueTime < TimeSpan.Zero ? null : _clock.GetTimestamp() + dueTime.Ticks, period);
                return Arm();
            }
        }

        public void Follow()
        {
            lock (_lock) Arm();
        }

        private bool IsDue()
        {
            lock (_lock)
            {
                var now = _clock.GetTimestamp();
                if (_due is not { } due) return false;
                var isDue = due <= now;
                if (isDue) _due = _period > TimeSpan.Zero ? now + _period.Ticks : null;
                Arm();
                return isDue;
            }
        }

        private bool Arm()
        {
            // A real timer counts whole milliseconds: rounded up, so that it is not early.
            var wait = _due is { } due ? TimeSpan.FromMilliseconds(Math.Ceiling(TimeSpan.FromTicks(Math.Max(0, due - _clock.GetTimestamp())).TotalMilliseconds)) : Timeout.InfiniteTimeSpan;
            return _real.Change(wait, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _clock._timers.TryRemove(this, out _);
            _real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _clock._timers.TryRemove(this, out _);
            return _real.DisposeAsync();
        }
    }
}
