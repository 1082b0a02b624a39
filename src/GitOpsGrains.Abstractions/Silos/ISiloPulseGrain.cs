using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Silos;

/// <summary>Whether silos answer, each for itself.</summary>
[Alias("gog.ISiloPulseGrain")]
public interface ISiloPulseGrain : IGrainWithIntegerKey
{
    /// <summary>The address of the silo's gateway port, as host:port.</summary>
    [AlwaysInterleave, InTurn, Alias("Feel")]
    Task<string> FeelAsync();
}
