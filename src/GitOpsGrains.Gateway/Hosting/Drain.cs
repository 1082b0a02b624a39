using Microsoft.Extensions.Hosting;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>
/// Between being told to end and ending: everything goes on, but <c>/readyz</c> says so, and streams end. Whoever spreads
/// requests needs a moment to send them elsewhere.
/// </summary>
internal sealed class Drain(GatewayListeners listeners, TimeProvider time) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(listeners.Drain, time, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
