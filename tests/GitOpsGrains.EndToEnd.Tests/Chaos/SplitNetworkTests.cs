using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>Two silos in networks of their own, between which the cable is pulled out in the middle of a sync.</summary>
public sealed class SplitNetworkTests : ServersFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<NetworkNamespace> _networks = [];
    private readonly List<TcpRelay> _storages = [];
    private RedisServer _redis = null!;

    [Fact(Explicit = true)]
    public async Task NoWayBetweenTheSilos_OneIsDeclaredDeadAndTheOtherOneGoesOn()
    {
        await using var scene = await StartAsync();
        await scene.PublishAsync();
        await scene.InTheMiddleAsync(scene.Serving);
        await _networks[0].SetCableAsync(isIn: false);
        var cut = TimeProvider.System.GetTimestamp();

        SiloProcess? dead = null;
        await Eventually.TrueAsync(async () => (dead = !await ChaosScene.IsAliveAsync(scene.Serving) ? scene.Serving : !await ChaosScene.IsAliveAsync(scene.Other) ? scene.Other : null) is not null, "a silo that is dead", Patience);
        var alive = dead == scene.Serving ? scene.Other : scene.Serving;
        Note($"one of two was dead {TimeProvider.System.GetElapsedTime(cut).TotalSeconds:0.0} s after the cut");
        await scene.PublishAsync();
        await scene.SyncedByAsync(alive, Patience);
        Assert.True(await ChaosScene.IsAliveAsync(alive));

        await HealAsync(scene, alive, dead!);
    }

    /// <summary>It reaches the cluster, and nobody who could tell it that the cluster is another's now.</summary>
    [Fact]
    public async Task NoWayToStorageAndOtherSilo_ItsTargetsAreTakenOverAndItOverwritesNothing()
    {
        await using var scene = await StartAsync();
        await scene.PublishAsync();
        await scene.InTheMiddleAsync(scene.Serving);
        await _networks[0].SetCableAsync(isIn: false);
        _storages[0].Cut();
        var cut = TimeProvider.System.GetTimestamp();
        await scene.PublishAsync();
        await scene.SyncedByAsync(scene.Other, Patience);
        Note($"taken over and synced {TimeProvider.System.GetElapsedTime(cut).TotalSeconds:0.0} s after the cut");

        _storages[0].Mend();
        await Eventually.TrueAsync(async () => !await ChaosScene.IsAliveAsync(scene.Serving), "a silo that finds itself dead", Patience);
        await HealAsync(scene, scene.Other, scene.Serving);
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _redis = await RedisServer.StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var network in _networks) await network.DisposeAsync();
        _redis.Dispose();
        await base.DisposeAsync();
    }

    private async Task HealAsync(ChaosScene scene, SiloProcess alive, SiloProcess dead)
    {
        await _networks[0].SetCableAsync(isIn: true);
        // As its supervisor does.
        await dead.KillAsync();
        await dead.StartAsync();
        await scene.PublishAsync();
        await scene.SyncedByAsync(dead, Patience);
        await scene.SyncedByAsync(alive, Patience);
        Assert.True(await alive.Api.IsReadyAsync());
        await scene.AssertNothingWasLostAsync(alive, overtaken: 1);
    }

    private async Task<ChaosScene> StartAsync()
    {
        for (var number = 0; number < 2; number++)
        {
            var network = await NetworkNamespace.CreateAsync();
            _networks.Add(network);
            network.Offer(Server.Url.Port);
            network.Offer(new Uri(Git.Url).Port);
            _storages.Add(network.Offer(_redis.Port));
        }
        await NetworkNamespace.LinkAsync(_networks[0], _networks[1]);
        return await ChaosScene.StartAsync(Server, Git, await NewNamespaceAsync("split"), _redis.Settings, networks: _networks);
    }

    private static void Note(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
