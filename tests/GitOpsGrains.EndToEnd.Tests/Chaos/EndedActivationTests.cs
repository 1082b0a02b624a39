using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using Orleans.Core.Internal;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>
/// When a silo is gone, Orleans ends on the others the activations whose places were noted there, also those that have just been told
/// of it. Whatever ends so is woken on its new place, and does not wait for its reminder.
/// </summary>
public sealed class EndedActivationTests
{
    private const string App = FilteredScene.Application;

    [Fact]
    public async Task Grain_WhoseActivationEnds_IsWokenAgain()
    {
        var wakes = new WakeCalls();
        await using var filtered = await FilteredScene.StartAsync(wakes);
        var scene = filtered.Scene;

        await EndAsync(
            filtered.Host.Grains.GetGrain<ITargetGrain>(GrainKeys.Target("default", scene.Of(App), scene.Cluster)),
            filtered.Host.Grains.GetGrain<IApplicationGrain>(GrainKeys.Application("default", scene.Of(App))),
            filtered.Host.Grains.GetGrain<IRepositoryGrain>(scene.Name));
        // By itself: it wakes its targets, too.
        await EndAsync(filtered.Host.Grains.GetGrain<IClusterGrain>(scene.Cluster));

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
