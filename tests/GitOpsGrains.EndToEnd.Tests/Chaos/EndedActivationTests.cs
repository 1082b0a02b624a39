using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using Orleans.Core.Internal;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>
/// When a silo is gone, Orleans ends on the others the activations whose places were noted there, also those that have just been told
/// of it. Whatever ends so is woken on its new place, and does not wait for its reminder.
/// </summary>
public sealed class EndedActivationTests
{
    private const string App = "app";

    [Theory]
    [InlineData("target")]
    [InlineData("application")]
    [InlineData("cluster")]
    [InlineData("repository")]
    public async Task Grain_WhoseActivationEnds_IsWokenAgain(string kind)
    {
        await using var fleet = await SimulatedFleet.StartAsync();
        await using var git = await GitServer.StartAsync();
        var calls = new FailedCalls(InterfaceOf(kind), nameof(ITargetGrain.WakeAsync));
        await using var host = await InProcessHost.StartAsync(calls: calls);
        var scene = await Scene.CreateAsync(host, await SimulatedScenes.PlaceAsync(fleet, TestFolder.New("ended")), git);
        await scene.WriteConfigMapAsync($"{App}/one.yaml", "one", "same");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, await scene.PushAsync("One", App));
        var before = calls.Seen.Arrived;

        await GrainOf(host.Grains, kind, scene).DeactivateOnIdle();

        await Eventually.TrueAsync(() => calls.Seen.Arrived > before, $"the {kind} woken again");
    }

    private static Type InterfaceOf(string kind) => kind switch
    {
        "target" => typeof(ITargetGrain),
        "application" => typeof(IApplicationGrain),
        "cluster" => typeof(IClusterGrain),
        _ => typeof(IRepositoryGrain),
    };

    private static IGrainManagementExtension GrainOf(IGrainFactory grains, string kind, Scene scene) => kind switch
    {
        "target" => grains.GetGrain<ITargetGrain>(GrainKeys.Target("default", scene.Of(App), scene.Cluster)).AsReference<IGrainManagementExtension>(),
        "application" => grains.GetGrain<IApplicationGrain>(GrainKeys.Application("default", scene.Of(App))).AsReference<IGrainManagementExtension>(),
        "cluster" => grains.GetGrain<IClusterGrain>(scene.Cluster).AsReference<IGrainManagementExtension>(),
        _ => grains.GetGrain<IRepositoryGrain>(scene.Name).AsReference<IGrainManagementExtension>(),
    };
}
