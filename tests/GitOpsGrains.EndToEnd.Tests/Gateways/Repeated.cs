namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Several who do the same again and again, each as soon as it has done it, until they are told to stop.</summary>
internal sealed class Repeated : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _all;

    /// <param name="once">By the number of who does it, from 0.</param>
    public Repeated(int several, Func<int, Task> once) => _all = Task.WhenAll(Enumerable.Range(0, several).Select(index => Task.Run(async () =>
    {
        while (!_stop.IsCancellationRequested) await once(index);
    })));

    /// <summary>Nothing is begun any more, and what was begun ends.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _all;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
