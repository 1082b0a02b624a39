namespace GitOpsGrains.Simulation.Clusters;

/// <summary>How one cluster behaves.</summary>
public sealed record SimulatedClusterOptions
{
    /// <summary>Runs the controllers: workloads get ready, deleted namespaces are emptied, owners collect. Default: true.</summary>
    public bool Controllers { get; init; } = true;

    /// <summary>How long a workload takes to get ready. Default: 2 s.</summary>
    public TimeSpan ReadyAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Users beside the administrator.</summary>
    public IReadOnlyList<SimulatedUser> Users { get; init; } = [];

    /// <summary>Changes that are remembered per kind, for watches and lists of older versions. Each holds an older version of its object in memory. Default: 200.</summary>
    public int KeptEvents { get; init; } = 200;

    /// <summary>What <see cref="SimulatedCluster.Save"/> wrote: the cluster goes on from there, with all uids and versions. Default: none, it is new.</summary>
    public ReadOnlyMemory<byte> Saved { get; init; }

    /// <summary>What /version says.</summary>
    public string Version { get; init; } = "v1.34.0+simulation";
}
