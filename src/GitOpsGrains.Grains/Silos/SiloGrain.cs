using System.Reflection;
using GitOpsGrains.Abstractions.Silos;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Silos;

/// <inheritdoc cref="ISiloGrain"/>
[GrainType("silo")]
public sealed class SiloGrain(ILocalSiloDetails silo, ClusterSessions sessions) : Grain, ISiloGrain
{
    private static readonly string Version =
        typeof(SiloGrain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public Task<SiloSummary?> DescribeAsync()
    {
        if (this.GetPrimaryKeyString() == silo.SiloAddress.ToParsableString()) return Task.FromResult<SiloSummary?>(new SiloSummary { Version = Version, Clusters = sessions.Names });
        // The next question finds it placed anew.
        DeactivateOnIdle();
        return Task.FromResult<SiloSummary?>(null);
    }
}
