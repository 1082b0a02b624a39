using System.Diagnostics;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

/// <summary>Two real silos over one storage, on a real API server.</summary>
public abstract class TwoSilosTests : ServersFixture
{
    private const int Applications = 6;

    // Two silos: three missed probes of 3 s, and the votes of a cluster of two (measured: 13.4 to 13.9 s).
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(10);

    protected abstract Task<IReadOnlyDictionary<string, string>> StorageAsync();

    [Fact]
    public async Task Targets_of_a_killed_silo_are_served_by_the_other_one()
    {
        await using var group = new SiloGroup(await StorageAsync());
        var first = await group.StartAsync();
        var (work, spaces) = await RegisterAsync(first.Api);
        var second = await group.StartAsync();

        // What one silo serves, the other one tells and orders.
        var one = await PublishAsync(work, "1");
        foreach (var space in spaces) await second.Api.SyncedAfterRefreshAsync($"default/{space}", one);
        // The silo that has just joined may be handed the cluster between the two questions: its targets look first, and say so.
        foreach (var space in spaces)
            await Eventually.GetAsync(async () => (await first.Api.TargetAsync($"default/{space}", FleetFixture.Cluster)).Sync, sync => sync == "Synced", $"{space} as the other silo tells it");

        var two = await PublishAsync(work, "2");
        await first.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        foreach (var space in spaces)
            await Eventually.GetAsync(() => StatusAsync(second.Api, space), status => status is ("Synced", _) && status.Revision == two, $"{space} at the newer commit", Detection + TakeOver);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Applications} applications synced by the other silo {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill");
        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, Detection + TakeOver);
        foreach (var space in spaces) await Server.Client.WaitValueAsync(space, "one", "2", TimeSpan.FromSeconds(5));
        Assert.Equal("Ready", (await second.Api.ClusterAsync(FleetFixture.Cluster)).Status!.State);
    }

    [Fact]
    public async Task A_new_silo_goes_on_when_all_were_killed_at_once()
    {
        await using var group = new SiloGroup(await StorageAsync());
        var first = await group.StartAsync();
        var (work, spaces) = await RegisterAsync(first.Api);
        var second = await group.StartAsync();
        await Task.WhenAll(first.KillAsync(), second.KillAsync());
        var killed = Stopwatch.GetTimestamp();
        var commit = await PublishAsync(work, "after");

        // At another address, as in a cluster of containers: the old ones must have been silent for 30 s.
        var third = await group.StartAsync();
        foreach (var space in spaces) await third.Api.WaitSyncedAsync($"default/{space}", commit);

        TestContext.Current.TestOutputHelper?.WriteLine($"synced by a new silo {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill of all");
        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_silo_that_joins_serves_the_clusters_that_belong_to_it_and_writes_nothing_for_that()
    {
        await using var group = new SiloGroup(await StorageAsync());
        var first = await group.StartAsync("silo-0");
        var (work, spaces) = await RegisterAsync(first.Api);
        var written = await VersionsAsync(spaces);

        // A name to which the cluster belongs as soon as there is a silo of it.
        var name = Enumerable.Range(1, 50).Select(number => $"silo-{number}").First(name => ClusterHomes.Of(FleetFixture.Cluster, ["silo-0", name], silo => silo) == name);
        var second = await group.StartAsync(name);
        await Eventually.TrueAsync(() => second.Log.Contains($"Cluster {FleetFixture.Cluster} is ready", StringComparison.Ordinal), "the cluster served by the silo that joined", TimeSpan.FromSeconds(40));
        foreach (var space in spaces) await first.Api.WaitSyncedAsync($"default/{space}", await work.HeadAsync());
        Assert.Equal(written, await VersionsAsync(spaces));
        // What moves is read from the storage, and nobody tries to carry it along.
        foreach (var silo in new[] { first, second }) Assert.DoesNotContain("hydrat", silo.Log, StringComparison.Ordinal);

        // All of it goes on there: commits, and the repair of drift.
        var one = await PublishAsync(work, "1");
        foreach (var space in spaces) await first.Api.SyncedAfterRefreshAsync($"default/{space}", one);
        await Server.Client.PatchAsync($"/api/v1/namespaces/{spaces[0]}/configmaps/one", """{"data":{"key":"theirs"}}""", manager: "rogue");
        await Server.Client.WaitValueAsync(spaces[0], "one", "1", TimeSpan.FromSeconds(20));

        // And back, when that silo ends as it should.
        var code = await second.StopAsync();
        Assert.True(code == 0, $"the silo that joined ended with {code}: {second.Logs}");
        var two = await PublishAsync(work, "2");
        foreach (var space in spaces)
            await Eventually.GetAsync(() => StatusAsync(first.Api, space), status => status is ("Synced", _) && status.Revision == two, $"{space} at the newer commit", TimeSpan.FromSeconds(40));
    }

    private async Task<string[]> VersionsAsync(IEnumerable<string> spaces)
    {
        var versions = new List<string>();
        foreach (var space in spaces) versions.Add((await Server.Client.GetJsonAsync($"/api/v1/namespaces/{space}/configmaps/one")).Metadata("resourceVersion"));
        return [.. versions];
    }

    private static Task<string> PublishAsync(GitWorkspace work, string value) => work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", value));

    private async Task<(GitWorkspace Work, string[] Spaces)> RegisterAsync(FleetApi api)
    {
        var spaces = new string[Applications];
        for (var i = 0; i < spaces.Length; i++) spaces[i] = await NewNamespaceAsync("silos");
        var work = await Git.CreateRepositoryAsync(spaces[0]);
        await PublishAsync(work, "0");
        await api.ApplyAsync(
            Manifests.Cluster(Server)
            + Manifests.Repository(spaces[0], work.Url)
            + string.Concat(spaces.Select(space => Manifests.Application(space, spaces[0], space: space))));
        foreach (var space in spaces) await api.WaitSyncedAsync($"default/{space}", await work.HeadAsync());
        return (work, spaces);
    }

    /// <summary>While a silo is gone and not yet known to be, what it served can't be asked.</summary>
    private static async Task<(string Sync, string Revision)> StatusAsync(FleetApi api, string space)
    {
        try
        {
            var status = (await api.ApplicationAsync($"default/{space}")).Status;
            return (status.Sync, status.Revision);
        }
        catch (HttpRequestException)
        {
            return ("", "");
        }
    }
}

public sealed class TwoSilosOverAzureTests : TwoSilosTests
{
    protected override async Task<IReadOnlyDictionary<string, string>> StorageAsync() => (await Azurite.SharedAsync()).Settings;
}

public sealed class TwoSilosOverRedisTests : TwoSilosTests
{
    protected override async Task<IReadOnlyDictionary<string, string>> StorageAsync() => (await RedisServer.SharedAsync()).Settings;
}
