using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Fleet;

/// <summary>
/// News for one grain, sent in batches, one after the other, each until the grain has said that it has it: what is sent to a silo
/// that is dead and not yet known to be would be lost, and nobody would say it again for minutes (decision 44).
/// </summary>
internal sealed partial class Outbox<T> : IDisposable
{
    /// <summary>In one message.</summary>
    public const int MaxBatch = 1000;

    /// <summary>News that come together go together.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Of the failures in a row one in so many is a warning: a silo that goes is no news, a batch that never arrives is.</summary>
    private const int FailuresPerWarning = 30;

    private readonly PendingNews<T> _pending;
    private readonly Func<IReadOnlyList<T>, Task> _send;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private bool _isDue;
    private int _failures;

    /// <param name="send">Completes when the batch has arrived.</param>
    public Outbox(PendingNews<T> pending, Func<IReadOnlyList<T>, Task> send, TimeProvider time, ILogger logger)
    {
        (_pending, _send, _logger) = (pending, send, logger);
        // On its thread, not in the turn of the grain that tells, nor with what the first one's request carries.
        using (ExecutionContext.SuppressFlow())
            _timer = time.CreateTimer(_ => Send(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Tell(T item)
    {
        lock (_gate)
        {
            _pending.Add(item);
            if (_isDue) return;
            _isDue = true;
        }
        _timer.Change(Pause, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Nobody awaits it: whatever a call ends with is a reason to try again.</summary>
    private async void Send()
    {
        IReadOnlyList<T> batch;
        lock (_gate) batch = _pending.Take(MaxBatch);
        var hasArrived = await TrySendAsync(batch);
        lock (_gate)
        {
            if (!hasArrived) _pending.PutBack(batch);
            _isDue = !_pending.IsEmpty;
            if (!_isDue) return;
        }
        // False once it is disposed of.
        _timer.Change(hasArrived ? Pause : RetryPause, Timeout.InfiniteTimeSpan);
    }

    private async Task<bool> TrySendAsync(IReadOnlyList<T> batch)
    {
        try
        {
            await _send(batch);
            _failures = 0;
            return true;
        }
#pragma warning disable CA1031 // A silo that stops, or is gone, refuses calls in several ways.
        catch (Exception refused)
#pragma warning restore CA1031
        {
            LogNotSent(++_failures % FailuresPerWarning == 0 ? LogLevel.Warning : LogLevel.Debug, refused, batch.Count, _failures);
            return false;
        }
    }

    [LoggerMessage(EventId = 2421, Message = "{Count} news could not be sent ({Failures} times in a row), and will be again")]
    private partial void LogNotSent(LogLevel level, Exception exception, int count, int failures);
}
