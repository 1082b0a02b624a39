using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>A cluster that has come to another silo wakes its targets, of which some are still looked for on the one that is dead.</summary>
public sealed class UnreachedTargetTests
{
    private const string App = "app";

    [Fact]
    public async Task Target_ThatWasOutOfReachWhenItsClusterWokeIt_IsWokenAgain()
    {
        await using var fleet = await SimulatedFleet.StartAsync();
        await using var git = await GitServer.StartAsync();
        var calls = new FailedCalls(typeof(ITargetGrain), nameof(ITargetGrain.WakeAsync));
        await using var host = await InProcessHost.StartAsync(calls: calls);
        var scene = await Scene.CreateAsync(host, await SimulatedScenes.PlaceAsync(fleet, TestFolder.New("unreached")), git);
        await scene.WriteConfigMapAsync($"{App}/one.yaml", "one", "same");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, await scene.PushAsync("One", App));

        calls.FailNext();
        await host.Grains.GetGrain<IClusterGrain>(scene.Cluster).WakeAsync();

        await Eventually.GetAsync(() => calls.Seen, seen => seen == (1, 1), "one that failed and one that arrived");
    }
}
