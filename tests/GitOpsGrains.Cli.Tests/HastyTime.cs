using System.Collections.Concurrent;

namespace GitOpsGrains.Cli.Tests;

/// <summary>The machine's time, in which pauses of at most five seconds are over at once and are noted.</summary>
internal sealed class HastyTime : TimeProvider
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);
    private readonly ConcurrentQueue<TimeSpan> _pauses = new();

    public IReadOnlyList<TimeSpan> Pauses => [.. _pauses];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero || dueTime > Most) return base.CreateTimer(callback, state, dueTime, period);
        _pauses.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
