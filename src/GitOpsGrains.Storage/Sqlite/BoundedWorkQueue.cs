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
    public bool Take(List<T> batch, int maxCount, long maxWeight, Func<T, long> weigh)
    {
        lock (_gate)
        {
            while (_items.Count == 0)
            {
                if (_completed) return false;
                Monitor.Wait(_gate);
            }

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
            Monitor.Pulse(_gate);
            return true;
        }
    }
}
