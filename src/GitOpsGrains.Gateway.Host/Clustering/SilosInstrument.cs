using System.Diagnostics.Metrics;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>How many silos this gateway has.</summary>
internal sealed class SilosInstrument : IHostedService, IDisposable
{
    private readonly Meter _meter = new("GitOpsGrains.Gateway.Host");

    public SilosInstrument(SiloLink link) => _meter.CreateObservableGauge("gitopsgrains.gateway.silos", () => link.IsOpen ? link.Silos : 0, "{silo}", "Silos that this gateway reaches; 0 where none answers.");

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();
}
