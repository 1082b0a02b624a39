using System.Diagnostics.Metrics;
using GitOpsGrains.Gateway.Hosting;
using Microsoft.Extensions.Hosting;

namespace GitOpsGrains.Gateway.Metrics;

/// <summary>What <c>/readyz</c> says, as a number.</summary>
internal sealed class ReadyInstrument : IHostedService, IDisposable
{
    private readonly Meter _meter = new(ApiInstruments.MeterName);

    public ReadyInstrument(Readiness readiness) =>
        _meter.CreateObservableGauge("gitopsgrains.ready", () => readiness.Fault is null ? 1 : 0, description: "1 where requests should come to this process, else 0.");

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();
}
