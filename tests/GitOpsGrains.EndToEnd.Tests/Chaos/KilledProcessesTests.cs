using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>kill -9 of everything at once in the middle of a sync.</summary>
public sealed class KilledProcessesTests(ChaosServers servers) : IClassFixture<ChaosServers>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task GatewayAndThenAllSilosKilledInMidSync_StartedAgain_TheSyncsEndAndNothingIsLost()
    {
        using var storage = await StorageServer.RedisAsync();
        await using var scene = await ChaosScene.StartAsync(servers.Server, servers.Git, await servers.NewNamespaceAsync("killed"), storage.Settings);
        var gateway = await scene.Group.StartGatewayAsync();
        await gateway.ReadyAsync();
        await using var documents = AcknowledgedDocuments.Begin(gateway.Api);

        await scene.PublishAsync();
        await scene.InTheMiddleAsync(gateway.Api);
        await gateway.KillAsync();
        Assert.InRange(await scene.WrittenAsync(), 20, ChaosScene.Many - 1);
        await scene.SyncedByAsync(scene.Serving, Patience);
        await gateway.StartAsync();
        await gateway.ReadyAsync();

        await scene.PublishAsync();
        await scene.InTheMiddleAsync(gateway.Api);
        await Task.WhenAll(scene.Serving.KillAsync(), scene.Other.KillAsync());
        Assert.InRange(await scene.WrittenAsync(), 20, ChaosScene.Many - 1);
        await Task.WhenAll(scene.Serving.StartAsync(), scene.Other.StartAsync());
        await scene.SyncedByAsync(scene.Other, Patience);
        await gateway.ReadyAsync();
        await documents.AssertAllThereAsync(gateway.Api);
        Assert.Equal(0, await scene.AssertNothingWasLostAsync(scene.Serving));
    }

    /// <summary>At other addresses, as in a cluster of containers: the old ones have to be silent for 30 s first.</summary>
    [Fact(Explicit = true)]
    public async Task AllSilosKilledInMidSync_NewOnesOverTheSameTables_TheSyncEndsAndNothingIsLost()
    {
        using var storage = await StorageServer.AzureAsync();
        await using var scene = await ChaosScene.StartAsync(servers.Server, servers.Git, await servers.NewNamespaceAsync("killed"), storage.Settings);
        await using var documents = AcknowledgedDocuments.Begin(scene.Other.Api);
        await scene.PublishAsync();
        await scene.InTheMiddleAsync(scene.Other.Api);
        await documents.StopAsync();
        await Task.WhenAll(scene.Serving.KillAsync(), scene.Other.KillAsync());
        Assert.InRange(await scene.WrittenAsync(), 20, ChaosScene.Many - 1);

        SiloProcess[] silos = await Task.WhenAll(scene.Group.StartAsync("new-0"), scene.Group.StartAsync("new-1"));
        foreach (var silo in silos) await scene.SyncedByAsync(silo, Patience);
        await documents.AssertAllThereAsync(silos[0].Api);
        Assert.Equal(0, await scene.AssertNothingWasLostAsync(silos[1]));
    }
}
