using GitOpsGrains.Gateway.Hosting;
using Orleans.Runtime;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>Calls of grains fail at once while no silo answers, and soon when a silo goes that may have had them.</summary>
internal sealed class SiloCalls(SiloLink link) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // What the client asks the silos for itself, and the pulse, are how a connection comes about.
        if (context.TargetId.IsSystemTarget() || SiloPulse.IsAsking)
        {
            await context.Invoke();
            return;
        }
        var lost = link.Lost;
        if (!link.IsOpen) throw new SilosLostException();
        try
        {
            await context.Invoke().WaitAsync(lost);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            if (!link.IsOpen) throw new SilosLostException();
            throw new SiloUnavailableException("a silo was lost that may have had the call");
        }
    }
}
