using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>
/// When memory is given back: a burst of syncs leaves the collector with several times of what lives, and a silo that does
/// nothing allocates too little for it to look again. One full collection then costs a pause that nobody waits in.
/// </summary>
public sealed class IdleMemoryRule
{
    /// <summary>Fewer bytes allocated between two looks mean that the silo does nothing of note; on one that holds much, an eighth of that.</summary>
    public const long QuietBytes = 24L << 20;

    /// <summary>So much must have been allocated since the last time to be worth another.</summary>
    public const long WorthBytes = 64L << 20;

    private long? _before;
    private long _returnedAt;
    private bool _wasBusy;

    /// <summary>Whether memory is to be given back now.</summary>
    /// <param name="allocated">Bytes that the process has allocated since its start.</param>
    /// <param name="held">Bytes that the collector holds.</param>
    public bool IsDue(long allocated, long held)
    {
        var isQuiet = allocated - _before < Math.Max(QuietBytes, held / 8);
        _wasBusy |= !isQuiet;
        _before = allocated;
        // What a fleet takes that only stands by would call for a long pause every minute.
        var worth = _wasBusy ? WorthBytes : Math.Max(WorthBytes, 4 * held);
        if (!isQuiet || allocated - _returnedAt < worth) return false;
        (_returnedAt, _wasBusy) = (allocated, false);
        return true;
    }
}

/// <summary>Gives memory back to the system when a busy silo has become quiet.</summary>
internal sealed partial class IdleMemory(TimeProvider time, ILogger<IdleMemory> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly IdleMemoryRule _rule = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                if (_rule.IsDue(GC.GetTotalAllocatedBytes(), Held())) Return();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private void Return()
    {
        var (before, began) = (Held(), time.GetTimestamp());
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        LogReturned((before - Held()) >> 20, Held() >> 20, time.GetElapsedTime(began).TotalMilliseconds);
    }

    private static long Held() => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;

    [LoggerMessage(3070, LogLevel.Debug, "Gave {Mebibytes} MiB back to the system while nothing was to do, {Held} MiB are held ({Milliseconds:0} ms)")]
    private partial void LogReturned(long mebibytes, long held, double milliseconds);
}
