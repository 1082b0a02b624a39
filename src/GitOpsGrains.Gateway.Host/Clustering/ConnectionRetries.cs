namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>The first connection is tried every second until there is a silo.</summary>
internal sealed partial class ConnectionRetries(TimeProvider time, ILogger<ConnectionRetries> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private bool _isTold;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (!_isTold) LogWaiting(exception.Message);
        _isTold = true;
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(3104, LogLevel.Warning, "No silo answers; trying every second: {Reason}")]
    private partial void LogWaiting(string reason);
}
