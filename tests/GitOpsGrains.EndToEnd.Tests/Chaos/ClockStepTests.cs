using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>The time of day of a silo is set ten minutes ahead, ten minutes back, and right again, while it works.</summary>
public sealed class ClockStepTests(ChaosServers servers) : IClassFixture<ChaosServers>
{
    private const int Many = 150;
    private const int Small = 8;

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan[] Offsets = [Step, -Step, TimeSpan.Zero];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Longer than anybody who does not answer is taken for alive.</summary>
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task SteppedInMidSync_TheSyncEndsAndDriftIsRepaired()
    {
        var clock = new SteppedClock();
        await using var silo = await SiloProcess.StartNewAsync(clock: clock);
        await using var objects = await servers.NewObjectsAsync(silo, Many);
        await objects.Work.WriteAsync("app/one.yaml", Manifests.ConfigMap("one", "ours"));
        foreach (var offset in Offsets.SkipLast(1))
        {
            await objects.PublishAsync();
            await objects.InTheMiddleAsync(silo.Api);
            clock.Set(offset);
            await objects.SyncedByAsync(silo.Api, Patience);
            await servers.Server.Client.PatchAsync(KubeExtensions.ConfigMapPath(objects.Space, "one"), """{"data":{"value":"theirs"}}""", manager: "rogue");
            await servers.Server.Client.WaitValueAsync(objects.Space, "one", "ours", TimeSpan.FromSeconds(15));
            Assert.True(await silo.Api.IsReadyAsync());
        }
        Assert.Equal(0, await objects.AssertNothingWasLostAsync(silo.Api));
    }

    [Fact(Explicit = true)]
    public async Task OneOfTwoSilosStepped_NobodyIsDeclaredDead_AndAnotherOneTakesOverFromIt()
    {
        using var storage = await StorageServer.RedisAsync();
        var clock = new SteppedClock();
        await using var scene = await ChaosScene.StartAsync(servers.Server, servers.Git, await servers.NewNamespaceAsync("clock"), storage.Settings, clock);
        await using var documents = AcknowledgedDocuments.Begin(scene.Other.Api);
        foreach (var offset in Offsets)
        {
            await scene.PublishAsync();
            await scene.InTheMiddleAsync(scene.Other);
            clock.Set(offset);
            await scene.SyncedByAsync(scene.Serving, Patience);
            await scene.SyncedByAsync(scene.Other, Patience);
            await StorageFaultTests.PassAsync(Detection);
            foreach (var silo in new[] { scene.Serving, scene.Other })
            {
                Assert.True(await silo.Api.IsReadyAsync());
                Assert.Equal(2, (await silo.Api.TextAsync("silos")).Split("\"status\":\"Active\"").Length - 1);
            }
        }

        // One joins while a clock is ahead, and the silo with that clock dies.
        clock.Set(Step);
        var third = await scene.Group.StartAsync("later");
        var spaces = await RegisterSmallAsync(scene, third.Api);
        await scene.PublishAsync();
        await scene.InTheMiddleAsync(third);
        await scene.Serving.KillAsync();
        await scene.SyncedByAsync(scene.Other, Patience);
        await scene.SyncedByAsync(third, Patience);
        await documents.AssertAllThereAsync(third.Api);

        // Lists tell what is, and not what the silo from the future said last.
        await scene.Work.PublishAsync("small/one.yaml", Manifests.ConfigMap("one", "2") + "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lost, namespace: nowhere}\n");
        foreach (var space in spaces) await Eventually.GetAsync(async () => (await third.Api.ApplicationAsync($"default/{space}")).Status.Sync, sync => sync == "OutOfSync", $"{space} OutOfSync", Patience);
        foreach (var space in spaces)
            await Eventually.GetAsync(() => third.Api.TextAsync("applications?sync=OutOfSync&limit=100"), list => list.Contains($"\"{space}\"", StringComparison.Ordinal), $"{space} in the list of what is OutOfSync", TimeSpan.FromSeconds(20));
        await scene.AssertNothingWasLostAsync(third, overtaken: 1);
    }

    /// <summary>A silo with another clock goes on with it: it waits no longer for that.</summary>
    [Fact(Explicit = true)]
    public async Task StartedWithAClockThatIsBehind_ASyncThatWaitsForItsNextTryIsTried()
    {
        var clock = new SteppedClock();
        await using var silo = await SiloProcess.StartNewAsync(clock: clock);
        await using var objects = await servers.NewObjectsAsync(silo, many: 1);
        await objects.Work.PublishAsync("later/one.yaml", Manifests.ConfigMap("lost", "1").Replace("name: lost", $"name: lost, namespace: {objects.Space}-late", StringComparison.Ordinal));
        await silo.Api.ApplyAsync(Manifests.Application("later", objects.Space, path: "later", sync: "{automated: false, retry: {limit: 50, backoff: {duration: 4s, factor: 1, max: 4s}}}"));
        var asked = await silo.Api.StartAsync("default/later", "sync");
        var waiting = await Eventually.GetAsync(() => silo.Api.OperationAsync(asked.Id), operation => operation.NextAttempt is not null, "the wait for the next try");
        await silo.StopAsync();
        clock.Set(-Step);
        await silo.StartAsync();
        await Eventually.GetAsync(() => silo.Api.OperationAsync(asked.Id), operation => operation.Attempt > waiting.Attempt + 1, "the next tries", TimeSpan.FromSeconds(20));
    }

    /// <summary>Some applications of one object each.</summary>
    private async Task<string[]> RegisterSmallAsync(ChaosScene scene, FleetApi api)
    {
        await scene.Work.WriteAsync("small/one.yaml", Manifests.ConfigMap("one", "1"));
        var head = await scene.Work.CommitAsync("Add small applications");
        await scene.Work.PushAsync();
        var spaces = new string[Small];
        for (var index = 0; index < spaces.Length; index++) spaces[index] = await servers.NewNamespaceAsync("small");
        await api.ApplyAsync(string.Concat(spaces.Select(space => Manifests.Application(space, scene.Space, path: "small", space: space))));
        foreach (var space in spaces) await api.SyncedAfterRefreshAsync($"default/{space}", head, Patience);
        return spaces;
    }
}
