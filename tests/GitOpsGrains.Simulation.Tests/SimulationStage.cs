using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;

namespace GitOpsGrains.Simulation.Tests;

/// <summary>One fleet for all tests; each adds the clusters that it needs.</summary>
public sealed class SimulationStage : IAsyncLifetime
{
    private static int _clusters;

    private SimulatedFleet? _fleet;

    public SimulatedFleet Fleet => _fleet ?? throw new InvalidOperationException("the simulation has not been started");

    /// <summary>A cluster without controllers, and its administrator.</summary>
    public SimulatedUserClient NewCluster(SimulatedClusterOptions? options = null) => NewCluster(Fleet, options ?? new SimulatedClusterOptions { Controllers = false });

    /// <summary>A cluster whose workloads are ready at once, and its administrator.</summary>
    public SimulatedUserClient NewLivelyCluster() => NewCluster(Fleet, new SimulatedClusterOptions { ReadyAfter = TimeSpan.FromMilliseconds(1) });

    public static SimulatedUserClient NewCluster(SimulatedFleet fleet, SimulatedClusterOptions options) =>
        new(fleet, fleet.Add($"c-{Interlocked.Increment(ref _clusters)}", options));

    public async ValueTask InitializeAsync() => _fleet = await SimulatedFleet.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null) await _fleet.DisposeAsync();
    }
}
