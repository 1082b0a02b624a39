using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>One of two silos is stopped by SIGSTOP in the middle of a sync, and wakes up still thinking that it owns its targets.</summary>
public sealed class PausedSiloTests : ServersFixture
{
    private RedisServer _redis = null!;

    /// <summary>Shorter than anybody is declared dead: nothing moves, and the sync goes on.</summary>
    [Fact]
    public async Task PausedFor10Seconds_NothingMoves()
    {
        await using var scene = await StartAsync();
        var before = Readies(scene.Other);
        await scene.PublishAsync();
        await scene.InTheMiddleAsync(scene.Serving);
        scene.Serving.Pause();
        await StorageFaultTests.PassAsync(TimeSpan.FromSeconds(10));
        scene.Serving.Resume();

        await scene.SyncedByAsync(scene.Serving, TimeSpan.FromSeconds(60));
        Assert.Equal(before, Readies(scene.Other));
        Assert.Equal(0, await scene.AssertNothingWasLostAsync(scene.Serving));
    }

    [Fact]
    public Task PausedFor45Seconds_ItsTargetsAreTakenOverAndItOverwritesNothing() => TakenOverAsync(TimeSpan.FromSeconds(45));

    [Fact(Explicit = true)]
    public Task PausedFor120Seconds_ItsTargetsAreTakenOverAndItOverwritesNothing() => TakenOverAsync(TimeSpan.FromSeconds(120));

    /// <summary>How often the silo has begun to serve the cluster.</summary>
    private static int Readies(SiloProcess silo) => silo.Log.Split($"Cluster {FleetFixture.Cluster} is ready").Length - 1;

    private async Task TakenOverAsync(TimeSpan pause)
    {
        await using var scene = await StartAsync();
        await scene.PublishAsync();
        await scene.InTheMiddleAsync(scene.Serving);
        scene.Serving.Pause();
        Assert.InRange(await scene.WrittenAsync(), 20, ChaosScene.Many - 1);
        var paused = TimeProvider.System.GetTimestamp();
        await scene.PublishAsync();
        await scene.SyncedByAsync(scene.Other, TimeSpan.FromSeconds(40));
        TestContext.Current.TestOutputHelper?.WriteLine($"taken over and synced {TimeProvider.System.GetElapsedTime(paused).TotalSeconds:0.0} s after the pause began");
        var left = pause - TimeProvider.System.GetElapsedTime(paused);
        if (left > TimeSpan.Zero) await StorageFaultTests.PassAsync(left);
        scene.Serving.Resume();

        // It finds itself declared dead.
        await Eventually.TrueAsync(async () => !await ChaosScene.IsAliveAsync(scene.Serving), "a silo that says that it is dead, or has ended", TimeSpan.FromSeconds(60));
        await scene.SyncedByAsync(scene.Other, TimeSpan.FromSeconds(20));
        await scene.AssertNothingWasLostAsync(scene.Other, overtaken: 1);
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _redis = await RedisServer.StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _redis.Dispose();
        await base.DisposeAsync();
    }

    private async Task<ChaosScene> StartAsync() => await ChaosScene.StartAsync(Server, Git, await NewNamespaceAsync("paused"), _redis.Settings);
}
