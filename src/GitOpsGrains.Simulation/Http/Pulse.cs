namespace GitOpsGrains.Simulation.Http;

/// <summary>One timer for all watches of a fleet: bookmarks and ends are looked for at each beat.</summary>
internal sealed class Pulse : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly ITimer _timer;
    private TaskCompletionSource _next = New();

    public Pulse(TimeProvider time) => _timer = time.CreateTimer(_ => Interlocked.Exchange(ref _next, New()).TrySetResult(), null, Every, Every);

    public Task Next => Volatile.Read(ref _next).Task;

    public void Dispose() => _timer.Dispose();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
