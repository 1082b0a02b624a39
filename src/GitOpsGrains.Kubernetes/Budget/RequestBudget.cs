namespace GitOpsGrains.Kubernetes.Budget;

/// <summary>
/// How many requests one cluster gets at once. Additive growth by one per full round of successes, halved by a 429 or a
/// time-out (once per round, for a whole round fails together); after a 429 nothing is sent until the server's Retry-After
/// is over. Callers are served in the order they came; checks wait on their own and get a share.
/// </summary>
internal sealed class RequestBudget : IDisposable
{
    private const int Smallest = 2;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _normal = new();
    private readonly LinkedList<Waiter> _checks = new();
    private readonly TimeProvider _time;
    private readonly int _largest;
    private readonly double _checksShare;
    private readonly ITimer _resume;
    private double _limit;
    private int _running;
    private int _runningChecks;
    private int _round;
    private long _pausedUntil = long.MinValue;

    public RequestBudget(int initial, int largest, double checksShare, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initial, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(largest, initial);
        (_limit, _largest, _checksShare, _time) = (initial, largest, checksShare, time);
        _resume = time.CreateTimer(_ => Resume(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Requests that may be in flight now.</summary>
    public int Concurrency
    {
        get
        {
            lock (_gate) return (int)_limit;
        }
    }

    /// <summary>Waits for a turn. Every slot must be given back by one of its methods or by disposing it.</summary>
    public async ValueTask<Slot> AcquireAsync(RequestLane lane, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_gate)
        {
            var queue = lane == RequestLane.Normal ? _normal : _checks;
            if (queue.Count == 0 && MayRun(lane)) return Take(lane);
            waiter = new Waiter();
            queue.AddLast(waiter);
        }
        KubernetesInstruments.Waited();

        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Turn.TrySetCanceled(token), waiter);
        try
        {
            return await waiter.Turn.Task;
        }
        catch (OperationCanceledException)
        {
            lock (_gate) (lane == RequestLane.Normal ? _normal : _checks).Remove(waiter);
            throw;
        }
    }

    public void Dispose() => _resume.Dispose();

    private bool MayRun(RequestLane lane)
    {
        if (_running >= (int)_limit || _time.GetTimestamp() < _pausedUntil) return false;
        return lane == RequestLane.Normal || _runningChecks < Math.Max(1, (int)(_limit * _checksShare));
    }

    private Slot Take(RequestLane lane)
    {
        _running++;
        if (lane == RequestLane.Checks) _runningChecks++;
        return new Slot(this, lane, _round);
    }

    private void Release(Slot slot, SlotOutcome outcome, TimeSpan? pause)
    {
        lock (_gate)
        {
            var wasFull = _running >= (int)_limit;
            _running--;
            if (slot.Lane == RequestLane.Checks) _runningChecks--;
            if (outcome == SlotOutcome.Succeeded && wasFull) _limit = Math.Min(_largest, _limit + (1 / _limit));
            if (outcome == SlotOutcome.Overloaded && slot.Round == _round)
            {
                _limit = Math.Max(Math.Min(Smallest, _largest), _limit / 2);
                _round++;
            }

            if (pause is { } span && span > TimeSpan.Zero) PauseFor(span);
        }

        Serve();
    }

    private void PauseFor(TimeSpan span)
    {
        var until = _time.GetTimestamp() + (long)(span.TotalSeconds * _time.TimestampFrequency);
        if (until <= _pausedUntil) return;
        _pausedUntil = until;
        _resume.Change(span, Timeout.InfiniteTimeSpan);
    }

    private void Resume()
    {
        lock (_gate)
        {
            // Timers may fire a little before the clock says so.
            var left = _time.GetElapsedTime(_time.GetTimestamp(), _pausedUntil);
            if (left > TimeSpan.Zero)
            {
                _resume.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Serve();
    }

    private void Serve()
    {
        lock (_gate)
        {
            // Their share is theirs, however many others wait.
            Serve(_checks, RequestLane.Checks);
            Serve(_normal, RequestLane.Normal);
        }
    }

    private void Serve(LinkedList<Waiter> queue, RequestLane lane)
    {
        while (queue.First is { } first && MayRun(lane))
        {
            queue.RemoveFirst();
            var slot = Take(lane);
            if (first.Value.Turn.TrySetResult(slot)) continue;
            _running--;
            if (lane == RequestLane.Checks) _runningChecks--;
        }
    }

    /// <summary>One request's turn.</summary>
    internal sealed class Slot(RequestBudget budget, RequestLane lane, int round) : IDisposable
    {
        private int _released;

        internal RequestLane Lane => lane;
        internal int Round => round;

        public void Succeed() => Release(SlotOutcome.Succeeded, null);

        /// <summary>A 429 or a time-out.</summary>
        public void Overload(TimeSpan? retryAfter) => Release(SlotOutcome.Overloaded, retryAfter);

        /// <summary>Says nothing about the cluster's load.</summary>
        public void Dispose() => Release(SlotOutcome.Neutral, null);

        private void Release(SlotOutcome outcome, TimeSpan? pause)
        {
            if (Interlocked.Exchange(ref _released, 1) == 0) budget.Release(this, outcome, pause);
        }
    }

    private enum SlotOutcome
    {
        Neutral,
        Succeeded,
        Overloaded,
    }

    private sealed class Waiter
    {
        public TaskCompletionSource<Slot> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
