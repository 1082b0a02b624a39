using GitOpsGrains.Abstractions.Silos;
using Orleans.Concurrency;

namespace GitOpsGrains.Grains.Silos;

/// <inheritdoc cref="ISiloPulseGrain"/>
[GrainType("silo-pulse"), StatelessWorker(1)]
public sealed class SiloPulseGrain(ILocalSiloDetails silo) : Grain, ISiloPulseGrain
{
    public Task<string> FeelAsync() => Task.FromResult(silo.GatewayAddress?.Endpoint.ToString() ?? "");
}
