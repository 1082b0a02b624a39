using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>How many silos there are, as this one sees them.</summary>
internal sealed class MembershipInstrument : IHostedService, IDisposable
{
    private readonly Meter _meter = new(Instruments.MeterName);

    public MembershipInstrument(IClusterMembershipService membership) => _meter.CreateObservableGauge(
        "gitopsgrains.silos",
        () => membership.CurrentSnapshot.Members.Values.Count(member => member.Status == SiloStatus.Active),
        "{silo}",
        "Silos that are active members, as this one sees them.");

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();
}
