namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>The system's clock, so many times as fast: every interval, pause and deadline is shorter by that.</summary>
public sealed class QuickClock(int times) : TimeProvider
{
    private readonly DateTimeOffset _began = System.GetUtcNow();
    private readonly long _start = System.GetTimestamp();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private TimeSpan Passed => System.GetElapsedTime(_start) * times;

    public override DateTimeOffset GetUtcNow() => _began + Passed;

    public override long GetTimestamp() => Passed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Quick(this, System.CreateTimer(callback, state, Real(dueTime), Real(period)));

    /// <summary>Rounded up and one more, so that no timer is early.</summary>
    private TimeSpan Real(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(Math.Ceiling((time / times).TotalMilliseconds) + 1);

    private sealed class Quick(QuickClock clock, ITimer real) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => real.Change(clock.Real(dueTime), clock.Real(period));

        public void Dispose() => real.Dispose();

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
