using GitOpsGrains.Gateway.Hosting;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>
/// Whether any silo is connected and answers. The runtime lets calls wait for their time-out whose connection is gone, and
/// doesn't say which ones those are.
/// </summary>
internal sealed partial class SiloLink(TimeProvider time, ILogger<SiloLink> logger) : IClusterConnectionStatusObserver, ISiloConnection, IDisposable
{
    /// <summary>When one of several silos is lost, calls over the others have so long to be answered.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _lost = new();
    private State _state = new(0, IsStarted: false, IsHeard: true);

    public bool IsOpen { get; private set; }

    /// <summary>Silos that this gateway knows.</summary>
    public int Silos
    {
        get
        {
            lock (_lock) return _state.Silos;
        }
    }

    /// <summary>Cancelled when what is sent now should not be waited for any more.</summary>
    public CancellationToken Lost
    {
        get
        {
            lock (_lock) return _lost.Token;
        }
    }

    /// <summary>Completed when the client knows the grains, and may be asked.</summary>
    public Task Started => _started.Task;

    public void Start()
    {
        Change(state => state with { IsStarted = true });
        _started.TrySetResult();
    }

    /// <summary>Whether any of the silos has answered lately.</summary>
    public void Hear(bool isHeard) => Change(state => state with { IsHeard = isHeard });

    /// <summary>A silo is no member any more: what was forwarded to it is never answered, and nobody says so.</summary>
    public void Miss() => Change(state => state, isMissed: true);

    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered) => Change(state => state with { Silos = currentNumberOfGateways });

    public void NotifyClusterConnectionLost() => Change(state => state with { Silos = 0 });

    public void Dispose() => _lost.Dispose();

    private void Change(Func<State, State> change, bool isMissed = false)
    {
        CancellationTokenSource? lost = null;
        var isOpen = false;
        lock (_lock)
        {
            var (before, wasOpen) = (_state, IsOpen);
            _state = change(before);
            isOpen = IsOpen = _state is { IsStarted: true, IsHeard: true, Silos: > 0 };
            if (wasOpen && (!isOpen || isMissed || _state.Silos < before.Silos)) (lost, _lost) = (_lost, new CancellationTokenSource());
            if (wasOpen && !isOpen) LogLost();
            else if (!wasOpen && isOpen) LogConnected();
        }
        // Not under the lock, and not on the thread that reads from the connection: whoever waited goes on there.
        if (lost is not null) _ = EndAsync(lost, isOpen ? Grace : TimeSpan.Zero);
    }

    private async Task EndAsync(CancellationTokenSource lost, TimeSpan grace)
    {
        await Task.Delay(grace, time);
        await lost.CancelAsync();
        lost.Dispose();
    }

    private sealed record State(int Silos, bool IsStarted, bool IsHeard);

    [LoggerMessage(3102, LogLevel.Information, "Connected to the silos")]
    private partial void LogConnected();

    [LoggerMessage(3103, LogLevel.Warning, "No silo answers any more; trying to reach one")]
    private partial void LogLost();
}
