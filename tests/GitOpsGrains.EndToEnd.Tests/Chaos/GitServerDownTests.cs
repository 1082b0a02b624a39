using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>The server of ten repositories is down for three minutes, and is not overrun when it comes back.</summary>
public sealed class GitServerDownTests : IAsyncLifetime
{
    private const int Repositories = 10;
    private const int Objects = 5;
    private const int Askers = 4;
    private const int Times = 20;

    private static readonly TimeSpan Down = TimeSpan.FromMinutes(3);

    /// <summary>Of all repositories, before there are failures.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Pauses of 1, 2 and 4 min (±10 %) begin in three minutes: the last ends at the latest 7.7 min after the first failure.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);

    private SimulatedFleet _simulation = null!;
    private ClusterPlace _place = null!;
    private GitServer _git = null!;

    public async ValueTask InitializeAsync()
    {
        _simulation = await SimulatedFleet.StartAsync();
        _place = await SimulatedScenes.PlaceAsync(_simulation, TestFolder.New("down"));
        _git = await GitServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _git.DisposeAsync();
        _place.Kube.Dispose();
        await _simulation.DisposeAsync();
    }

    /// <summary>The whole product by a clock that makes a second of 20.</summary>
    [Fact]
    public async Task DownFor3MinutesOfAQuickClock_BackAgain_EveryCommitIsSyncedWithoutAStorm()
    {
        await using var host = await InProcessHost.StartAsync(time: new QuickClock(Times));
        using var api = new FleetApi(host.Url, () => host.Token);
        await GoesDownAsync(api, Times);
    }

    [Fact(Explicit = true)]
    public async Task DownFor3Minutes_BackAgain_EveryCommitIsSyncedWithoutAStorm()
    {
        await using var silo = await SiloProcess.StartNewAsync();
        await GoesDownAsync(silo.Api, 1);
    }

    private async Task GoesDownAsync(FleetApi api, int times)
    {
        var all = await RegisterAsync(api);
        foreach (var objects in all) await objects.WatchAsync();
        _git.Misbehave(GitServerFault.Drop);
        var before = _git.Requests;
        foreach (var objects in all) await objects.PublishAsync();
        await StorageFaultTests.PassAsync(Down / times);
        var down = _git.Requests - before;

        _git.Misbehave(GitServerFault.None);
        var (back, returned, storm) = (_git.Requests, TimeProvider.System.GetTimestamp(), 0);
        await Task.WhenAll([.. all.Select(objects => objects.SyncedByAsync(api, Longest / times)), WatchAsync()]);
        var took = TimeProvider.System.GetElapsedTime(returned) * times;
        var after = _git.Requests - back;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Repositories} repositories: {down.Total} requests in {Down.TotalSeconds:0} s while it was down, {storm} in the first {Interval.TotalSeconds:0} s after, {after.Total} ({after.Fetch} fetches) until all were synced {took.TotalSeconds:0} s after");
        // No more than while it is up, whoever asks; a request that was cut off is sent once more on a new connection.
        Assert.InRange(down.Total, Repositories, Repositories * (1 + (int)(Down / Interval)) * 2);
        // A repository that is read again asks for its refs, and fetches.
        Assert.InRange(storm, 0, Repositories * 4);
        Assert.InRange(after.Fetch, Repositories, Repositories);
        foreach (var objects in all)
        {
            Assert.Equal(0, await objects.AssertNothingWasLostAsync(api));
            await objects.DisposeAsync();
        }

        async Task WatchAsync()
        {
            await StorageFaultTests.PassAsync(Interval / times);
            storm = (_git.Requests - back).Total;
        }
    }

    private async Task<CountedObjects[]> RegisterAsync(FleetApi api)
    {
        await api.ApplyAsync(Manifests.Cluster(_place.Cluster, _place.Kubeconfig));
        var all = new CountedObjects[Repositories];
        for (var index = 0; index < all.Length; index++)
        {
            var space = $"down-{index}";
            await _place.Kube.CreateNamespaceAsync(space);
            all[index] = new CountedObjects(_place.Kube, await _git.CreateRepositoryAsync(space), space, Objects);
        }
        await Task.WhenAll(all.Select(objects => objects.RegisterAsync(api, _place.Cluster, Interval)));
        // Others ask for the same repository, each in its minute.
        await api.ApplyAsync(string.Concat(all.SelectMany(objects => Enumerable.Range(0, Askers).Select(index => Manifests.Application($"{objects.Space}-{index}", objects.Space, path: "none", clusters: _place.Cluster)))));
        return all;
    }
}
