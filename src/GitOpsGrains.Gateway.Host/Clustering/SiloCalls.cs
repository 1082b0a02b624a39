using Orleans.Runtime;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>Calls of grains fail at once while no silo is connected, and when the last one goes while they wait.</summary>
internal sealed class SiloCalls(SiloLink link) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // What the client asks the silos for itself, and the probe, are how a connection comes about.
        if (context.TargetId.IsSystemTarget() || SiloProbe.IsProbing)
        {
            await context.Invoke();
            return;
        }
        var lost = link.Lost;
        if (!link.IsOpen) throw new SiloUnavailableException("no silo is connected");
        try
        {
            await context.Invoke().WaitAsync(lost);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            throw new SiloUnavailableException("the last silo was lost");
        }
    }
}
