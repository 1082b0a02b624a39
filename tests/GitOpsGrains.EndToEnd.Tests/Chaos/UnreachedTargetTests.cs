using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using Orleans.Runtime;

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
        var calls = new FailedWakes();
        await using var host = await InProcessHost.StartAsync(calls: calls);
        var scene = await Scene.CreateAsync(host, await SimulatedScenes.PlaceAsync(fleet, TestFolder.New("unreached")), git);
        await scene.WriteConfigMapAsync($"{App}/one.yaml", "one", "same");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, await scene.PushAsync("One", App));

        calls.FailNext();
        await host.Grains.GetGrain<IClusterGrain>(scene.Cluster).WakeAsync();

        await Eventually.GetAsync(() => calls.Seen, seen => seen == (1, 1), "one that failed and one that arrived");
    }

    private sealed class FailedWakes : IIncomingGrainCallFilter
    {
        private int _toFail, _failed, _arrived;

        public (int Failed, int Arrived) Seen => (Volatile.Read(ref _failed), Volatile.Read(ref _arrived));

        public void FailNext()
        {
            Volatile.Write(ref _arrived, 0);
            Volatile.Write(ref _toFail, 1);
        }

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType != typeof(ITargetGrain) || context.MethodName != nameof(ITargetGrain.WakeAsync)) return context.Invoke();
            if (Interlocked.Exchange(ref _toFail, 0) == 1)
            {
                Interlocked.Increment(ref _failed);
                throw new OrleansException("the silo of the target is gone");
            }
            Interlocked.Increment(ref _arrived);
            return context.Invoke();
        }
    }
}
