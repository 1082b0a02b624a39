using GitOpsGrains.Engine.Clusters;

namespace GitOpsGrains.Kubernetes.Budget;

/// <summary>
/// Opens after a number of cluster errors in a row within a window. While it is open nothing is sent but probes; after its
/// time (which doubles up to a limit) one request is let through, and its answer decides. Any answer of the cluster, also a
/// refusal, is a sign of life and closes it.
/// </summary>
internal sealed class CircuitBreaker(int failures, TimeSpan window, TimeSpan openFor, TimeSpan longest, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _firstOpenFor = openFor;
    private int _inRow;
    private long _firstFailure;
    private long _openedAt;
    private TimeSpan _openFor = openFor;
    private bool _isOpen;
    private bool _isProbing;
    private ClusterError? _lastError;

    public bool IsOpen
    {
        get
        {
            lock (_gate) return _isOpen;
        }
    }

    /// <summary>The last error of the cluster, or null since the last sign of life.</summary>
    public ClusterError? LastError
    {
        get
        {
            lock (_gate) return _lastError;
        }
    }

    /// <summary>Null, or why a request would be refused now; takes no part in anything.</summary>
    public ClusterError? Refusal
    {
        get
        {
            lock (_gate) return _isOpen && !MayProbe ? OpenError : null;
        }
    }

    private bool MayProbe => !_isProbing && time.GetElapsedTime(_openedAt) >= _openFor;

    private ClusterError OpenError => new(
        ClusterErrorKind.CircuitOpen, 0,
        $"not sent: the cluster has failed {_inRow} requests in a row, the last one with: {_lastError?.Message}");

    /// <summary>Null if the request may be sent; its outcome must then be told by <see cref="Record"/> or <see cref="Abandon"/>.</summary>
    public ClusterError? Enter()
    {
        lock (_gate)
        {
            if (!_isOpen) return null;
            if (!MayProbe) return OpenError;
            _isProbing = true;
            return null;
        }
    }

    /// <summary>The request was cancelled: it says nothing.</summary>
    public void Abandon()
    {
        lock (_gate) _isProbing = false;
    }

    /// <param name="error">Null for a success.</param>
    public void Record(ClusterError? error)
    {
        lock (_gate)
        {
            if (error is { IsOfCluster: true })
            {
                Fail(error);
                return;
            }

            // Credentials that can't be obtained, or a body that ended early, are no sign of life.
            if (error is { StatusCode: 0 })
            {
                _isProbing = false;
                _lastError = error;
                return;
            }

            (_isOpen, _isProbing, _inRow, _openFor) = (false, false, 0, _firstOpenFor);
            _lastError = null;
        }
    }

    private void Fail(ClusterError error)
    {
        _lastError = error;
        if (_inRow == 0 || (!_isOpen && time.GetElapsedTime(_firstFailure) > window))
        {
            _inRow = 0;
            _firstFailure = time.GetTimestamp();
        }

        _inRow++;
        if (_isOpen)
        {
            // Answers to requests that were sent before it opened don't make it wait longer.
            if (!_isProbing) return;
            _isProbing = false;
            _openedAt = time.GetTimestamp();
            _openFor = TimeSpan.FromTicks(Math.Min(longest.Ticks, _openFor.Ticks * 2));
        }
        else if (_inRow >= failures)
        {
            _isOpen = true;
            _openedAt = time.GetTimestamp();
        }
    }
}
