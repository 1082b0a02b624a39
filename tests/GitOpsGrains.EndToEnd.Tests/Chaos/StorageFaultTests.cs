using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>The storage of two silos dies, hangs or is full in the middle of a sync, and comes back.</summary>
public sealed class StorageFaultTests : ServersFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact(Explicit = true)]
    public async Task RedisKilledInMidSync_ComesBack_TheSyncEndsAndNothingIsLost()
    {
        using var redis = await RedisServer.StartAsync();
        await using var scene = await StartAsync(redis);
        await scene.PublishAsync();
        await scene.InTheMiddleAsync(scene.Serving);
        await redis.KillAsync();
        // Longer than a silo is sure of its membership without having read it: writes to the cluster have ended by then.
        await PassAsync(TimeSpan.FromSeconds(12));
        await redis.StartAgainAsync();

        await scene.SyncedByAsync(scene.Other, Patience);
        await scene.SyncedByAsync(scene.Serving, Patience);
        await scene.AssertNothingWasLostAsync(scene.Serving);
    }

    [Fact(Explicit = true)]
    public async Task RedisThatIsFull_AcceptsWritesAgain_CommitsOfThatTimeAreSynced()
    {
        using var redis = await RedisServer.StartAsync();
        await using var scene = await StartAsync(redis);
        Assert.Equal("+OK", await redis.CommandAsync("CONFIG SET maxmemory 1"));
        await scene.PublishAsync();
        await scene.RefreshOrUnavailableAsync(scene.Serving);
        await PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("+OK", await redis.CommandAsync("CONFIG SET maxmemory 0"));

        await scene.SyncedByAsync(scene.Other, Patience);
        await scene.AssertNothingWasLostAsync(scene.Other);
    }

    [Fact(Explicit = true)]
    public async Task AzuriteThatHangsInMidSync_AnswersAgain_TheSyncEndsAndNothingIsLost()
    {
        using var azurite = await Azurite.StartAsync();
        await using var scene = await ChaosScene.StartAsync(Server, Git, await NewNamespaceAsync("chaos"), azurite.Settings);
        await scene.PublishAsync();
        await scene.InTheMiddleAsync(scene.Serving);
        azurite.Pause();
        await PassAsync(TimeSpan.FromSeconds(12));
        azurite.Resume();

        await scene.SyncedByAsync(scene.Other, Patience);
        await scene.SyncedByAsync(scene.Serving, Patience);
        await scene.AssertNothingWasLostAsync(scene.Serving);
    }

    private async Task<ChaosScene> StartAsync(RedisServer redis) => await ChaosScene.StartAsync(Server, Git, await NewNamespaceAsync("chaos"), redis.Settings);

    /// <summary>The fault lasts: its length is what is tested.</summary>
    internal static Task PassAsync(TimeSpan time)
    {
        var began = TimeProvider.System.GetTimestamp();
        return Eventually.TrueAsync(() => Task.FromResult(TimeProvider.System.GetElapsedTime(began) >= time), "the end of the fault", time * 2);
    }
}
