namespace GitOpsGrains.Storage.Manifests;

/// <summary>Runs one piece of work per key at a time, and at most so many in all; whoever asks meanwhile gets the same answer.</summary>
internal sealed class SingleFlight<T>(int parallelism) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<T>> _flights = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _slots = new(parallelism);

    /// <summary>The token ends this caller's wait; the work goes on for the others.</summary>
    public Task<T> RunAsync(string key, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        Task<T>? flight;
        lock (_gate)
        {
            if (!_flights.TryGetValue(key, out flight))
            {
                flight = Task.Run(() => FlyAsync(key, work), CancellationToken.None);
                _flights.Add(key, flight);
            }
        }

        return flight.WaitAsync(cancellationToken);
    }

    private async Task<T> FlyAsync(string key, Func<Task<T>> work)
    {
        await _slots.WaitAsync();
        try
        {
            return await work();
        }
        finally
        {
            _slots.Release();
            lock (_gate) _flights.Remove(key);
        }
    }

    public void Dispose() => _slots.Dispose();
}
