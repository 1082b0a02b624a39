using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>A cluster that has come to another silo wakes its targets, of which some are still looked for on the one that is dead.</summary>
public sealed class UnreachedTargetTests
{
    [Fact]
    public async Task Target_ThatWasOutOfReachWhenItsClusterWokeIt_IsWokenAgain()
    {
        var calls = new FailedCalls(typeof(ITargetGrain), nameof(ITargetGrain.WakeAsync));
        await using var filtered = await FilteredScene.StartAsync(calls);
        var scene = filtered.Scene;

        calls.FailNext();
        await filtered.Host.Grains.GetGrain<IClusterGrain>(scene.Cluster).WakeAsync();

        await Eventually.GetAsync(() => calls.Seen, seen => seen == (1, 1), "one that failed and one that arrived");
    }
}
