namespace GitOpsGrains.Grains;

/// <summary>Lets callers on one grain's scheduler wait for the next change.</summary>
public sealed class ChangeSignal
{
    private TaskCompletionSource _next = New();

    public Task Next => _next.Task;

    public void Raise()
    {
        var now = _next;
        _next = New();
        now.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
