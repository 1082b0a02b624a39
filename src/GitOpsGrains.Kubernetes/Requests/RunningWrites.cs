namespace GitOpsGrains.Kubernetes.Requests;

/// <summary>Counts writes that were begun and not answered yet.</summary>
internal sealed class RunningWrites
{
    private readonly Lock _gate = new();
    private int _running;
    private TaskCompletionSource? _none;

    /// <summary>Completes at the first moment from now on at which none is under way.</summary>
    public Task WhenNone
    {
        get
        {
            lock (_gate) return _running == 0 ? Task.CompletedTask : (_none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>One more, until what is returned is disposed.</summary>
    public IDisposable Enter()
    {
        lock (_gate) _running++;
        return new Running(this);
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_running > 0) return;
            _none?.SetResult();
            _none = null;
        }
    }

    private sealed class Running(RunningWrites writes) : IDisposable
    {
        public void Dispose() => writes.Leave();
    }
}
