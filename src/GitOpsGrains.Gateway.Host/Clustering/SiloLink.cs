using GitOpsGrains.Gateway.Hosting;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>Whether any silo is connected. What waits for an answer when the last one goes need not wait for its time-out.</summary>
internal sealed partial class SiloLink(ILogger<SiloLink> logger) : IClusterConnectionStatusObserver, ISiloConnection, IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _lost = new();
    private TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _silos;
    private bool _isStarted;

    public bool IsOpen { get; private set; }

    /// <summary>Cancelled when the connection that is open now is lost.</summary>
    public CancellationToken Lost
    {
        get
        {
            lock (_lock) return _lost.Token;
        }
    }

    /// <summary>Completed while there is no connection, once the client has started.</summary>
    public Task Closed
    {
        get
        {
            lock (_lock) return _closed.Task;
        }
    }

    /// <summary>The client knows the grains, and may be asked.</summary>
    public void Start() => Change(_silos, isStarted: true);

    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered) => Change(currentNumberOfGateways, _isStarted);

    public void NotifyClusterConnectionLost() => Change(0, _isStarted);

    public void Dispose() => _lost.Dispose();

    private void Change(int silos, bool isStarted)
    {
        CancellationTokenSource? lost = null;
        lock (_lock)
        {
            var wasOpen = IsOpen;
            (_silos, _isStarted) = (silos, isStarted);
            IsOpen = isStarted && silos > 0;
            if (wasOpen && !IsOpen)
            {
                (lost, _lost) = (_lost, new CancellationTokenSource());
                LogLost();
            }
            else if (!wasOpen && IsOpen)
            {
                // One that was never completed is still waited for.
                if (_closed.Task.IsCompleted) _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                LogConnected();
            }
            if (isStarted && !IsOpen) _closed.TrySetResult();
        }
        // Not under the lock, and not on the thread that reads from the connection: whoever waited goes on there.
        _ = lost?.CancelAsync();
    }

    [LoggerMessage(3102, LogLevel.Information, "Connected to the silos")]
    private partial void LogConnected();

    [LoggerMessage(3103, LogLevel.Warning, "No silo is connected any more; trying to reach one")]
    private partial void LogLost();
}
