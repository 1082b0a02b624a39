using System.Diagnostics;

namespace GitOpsGrains.Storage.Sqlite;

/// <summary>
/// A bounded queue between asynchronous producers and dedicated threads. Consumers block on a monitor, so that a busy
/// thread pool never delays a commit.
/// </summary>
internal sealed class BoundedWorkQueue<T>(int capacity) : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<T> _items = new();
    private readonly SemaphoreSlim _slots = new(capacity, capacity);
    private bool _completed;
    private int _wanted = 1;

    /// <summary>Waits for room and adds the item; false when the queue is completed.</summary>
    public async ValueTask<bool> EnqueueAsync(T item, CancellationToken cancellationToken)
    {
        StorageInstruments.Waits(1);
        var isQueued = false;
        try
        {
            await _slots.WaitAsync(cancellationToken);
            isQueued = TryEnqueue(item);
            if (!isQueued) _slots.Release();
            return isQueued;
        }
        finally
        {
            if (!isQueued) StorageInstruments.Waits(-1);
        }
    }

    /// <summary>
    /// Blocks until something is there and moves it into the batch, oldest first, until it holds <paramref name="maxCount"/>
    /// items or <paramref name="maxWeight"/>; false when the queue is completed and empty.
    /// </summary>
    /// <param name="gather">How long it may wait for more, once something is there; the only consumer then, which is not woken for each item.</param>
    public bool Take(List<T> batch, int maxCount, long maxWeight, Func<T, long> weigh, TimeSpan gather = default)
    {
        lock (_gate)
        {
            while (_items.Count == 0)
            {
                if (_completed) return false;
                Monitor.Wait(_gate);
            }

            if (gather > TimeSpan.Zero) Gather(maxCount, gather);

            var weight = 0L;
            while (batch.Count < maxCount && weight < maxWeight && _items.TryDequeue(out var item))
            {
                weight += weigh(item);
                batch.Add(item);
            }
        }

        _slots.Release(batch.Count);
        StorageInstruments.Waits(-batch.Count);
        return true;
    }

    /// <summary>A thread that is woken for each of ten items does little else; real time, as what it waits for are other threads.</summary>
    private void Gather(int count, TimeSpan longest)
    {
        var begun = Stopwatch.GetTimestamp();
        _wanted = count;
        while (_items.Count < count && !_completed && longest - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } left) Monitor.Wait(_gate, left);
        _wanted = 1;
    }

    /// <summary>Refuses new items; what is queued is still taken.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose() => _slots.Dispose();

    private bool TryEnqueue(T item)
    {
        lock (_gate)
        {
            if (_completed) return false;
            _items.Enqueue(item);
            if (_items.Count >= _wanted) Monitor.Pulse(_gate);
            return true;
        }
    }
}
