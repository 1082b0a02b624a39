namespace GitOpsGrains.Grains;

/// <summary>Lets callers on any thread wait for the next change. Raised by one at a time.</summary>
public sealed class ChangeSignal
{
    private volatile TaskCompletionSource _next = New();

    public Task Next => _next.Task;

    public void Raise()
    {
        var now = _next;
        _next = New();
        now.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
