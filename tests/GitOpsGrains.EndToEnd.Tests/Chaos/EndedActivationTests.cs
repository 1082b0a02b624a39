using System.Collections.Concurrent;
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

    [Fact]
    public async Task Grain_WhoseActivationEnds_IsWokenAgain()
    {
        await using var fleet = await SimulatedFleet.StartAsync();
        await using var git = await GitServer.StartAsync();
        var wakes = new WakeCalls();
        await using var host = await InProcessHost.StartAsync(calls: wakes);
        var scene = await Scene.CreateAsync(host, await SimulatedScenes.PlaceAsync(fleet, TestFolder.New("ended")), git);
        await scene.WriteConfigMapAsync($"{App}/one.yaml", "one", "same");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, await scene.PushAsync("One", App));

        await EndAsync(
            host.Grains.GetGrain<ITargetGrain>(GrainKeys.Target("default", scene.Of(App), scene.Cluster)),
            host.Grains.GetGrain<IApplicationGrain>(GrainKeys.Application("default", scene.Of(App))),
            host.Grains.GetGrain<IRepositoryGrain>(scene.Name));
        // By itself: it wakes its targets, too.
        await EndAsync(host.Grains.GetGrain<IClusterGrain>(scene.Cluster));

        async Task EndAsync(params IAddressable[] grains)
        {
            var before = grains.Select(wakes.Of).ToArray();
            foreach (var grain in grains) await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
            await Eventually.GetAsync(() => grains.Zip(before).Where(pair => wakes.Of(pair.First) == pair.Second).Select(pair => pair.First.GetGrainId()).ToArray(), asleep => asleep.Length == 0, "all woken again");
        }
    }

    /// <summary>Counts what has arrived.</summary>
    private sealed class WakeCalls : IIncomingGrainCallFilter
    {
        private readonly ConcurrentDictionary<GrainId, int> _counts = new();

        public int Of(IAddressable grain) => _counts.GetValueOrDefault(grain.GetGrainId());

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.MethodName == nameof(ITargetGrain.WakeAsync)) _counts.AddOrUpdate(context.TargetId, 1, (_, count) => count + 1);
            return context.Invoke();
        }
    }
}
