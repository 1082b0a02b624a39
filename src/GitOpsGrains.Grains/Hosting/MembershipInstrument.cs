using System.Diagnostics.Metrics;
using Orleans.Runtime;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>How many silos there are, as this one sees them.</summary>
internal sealed class MembershipInstrument : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly Meter _meter = new(Instruments.MeterName);

    public MembershipInstrument(IClusterMembershipService membership) => _meter.CreateObservableGauge(
        "gitopsgrains.silos",
        () => membership.CurrentSnapshot.Members.Values.Count(member => member.Status == SiloStatus.Active),
        "{silo}",
        "Silos that are active members, as this one sees them.");

    public void Participate(ISiloLifecycle observer)
    {
        // Only made with the silo; there is nothing to start.
    }

    public void Dispose() => _meter.Dispose();
}
