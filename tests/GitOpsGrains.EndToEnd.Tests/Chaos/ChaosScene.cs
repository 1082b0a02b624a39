using System.Globalization;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>
/// Two silos over one storage with an application of many objects, each of whose values counts commits: what any process ever wrote
/// to any of them is in the history of a watch.
/// </summary>
internal sealed class ChaosScene : IAsyncDisposable
{
    public const int Many = 500;

    private const string First = "silo-0";

    private readonly ApiServer _server;
    private readonly GitWorkspace _work;
    private readonly string _space;
    private ConfigMapHistory _history = null!;
    private int _value;

    private ChaosScene(ApiServer server, SiloGroup group, GitWorkspace work, string space) => (_server, Group, _work, _space) = (server, group, work, space);

    public SiloGroup Group { get; }

    /// <summary>The one that serves the cluster.</summary>
    public SiloProcess Serving { get; private set; } = null!;

    public SiloProcess Other { get; private set; } = null!;

    public string Application => $"default/{_space}";

    /// <summary>Both silos run, and the first commit is synced.</summary>
    /// <param name="networks">One for each of the silos, joined by a cable; null: both are in that of the test.</param>
    public static async Task<ChaosScene> StartAsync(
        ApiServer server, GitServer git, string space, IReadOnlyDictionary<string, string> storage, IReadOnlyList<NetworkNamespace>? networks = null)
    {
        var scene = new ChaosScene(server, new SiloGroup(storage), await git.CreateRepositoryAsync(space), space);
        var first = await scene.Group.StartAsync(First, AddressIn(0), networks?[0]);
        await scene.PublishAsync();
        await first.Api.ApplyAsync(
            Manifests.Cluster(FleetFixture.Cluster, server.WriteKubeconfig(Path.Combine(server.Folder, $"{Guid.NewGuid():N}.yaml")))
            + Manifests.Repository(space, scene._work.Url) + Manifests.Application(space, space));
        await first.Api.WaitSyncedAsync(scene.Application, await scene._work.HeadAsync(), TimeSpan.FromSeconds(60));
        // A name beside which the cluster stays with the first.
        var name = Enumerable.Range(1, 50).Select(number => $"silo-{number}").First(name => ClusterHomes.Of(FleetFixture.Cluster, [First, name], silo => silo) == First);
        var second = await scene.Group.StartAsync(name, AddressIn(1), networks?[1]);
        scene._history = await ConfigMapHistory.BeginAsync(server.Client, space);
        await scene.PublishAsync();
        await second.Api.SyncedAfterRefreshAsync(scene.Application, await scene._work.HeadAsync(), TimeSpan.FromSeconds(60));
        (scene.Serving, scene.Other) = (first, second);
        return scene;

        Dictionary<string, string>? AddressIn(int network) => networks is null ? null : new() { ["Silo__Address"] = NetworkNamespace.AddressOf(network) };
    }

    /// <summary>Commits the next value of all objects.</summary>
    public Task PublishAsync() => _work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, (++_value).ToString(CultureInfo.InvariantCulture)));

    /// <summary>Has the silo look at Git, and returns when a part of the objects has the value that was published last.</summary>
    public async Task InTheMiddleAsync(SiloProcess asked)
    {
        await asked.Api.StartAsync(Application, "refresh");
        await Eventually.TrueAsync(async () => await WrittenAsync() > 20, "a sync that has begun", TimeSpan.FromSeconds(30));
    }

    /// <summary>Whether the silo says that it goes on; one that was declared dead says that it does not, and ends.</summary>
    public static async Task<bool> IsAliveAsync(SiloProcess silo)
    {
        try
        {
            return await silo.Api.IsAliveAsync();
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>How many objects have the value that was published last.</summary>
    public async Task<int> WrittenAsync() => (await _server.Client.ConfigMapsAsync(_space)).Values.Count(live => live.Value() == _value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The cluster equals Git without a person; until then the silo may answer that something is not available.</summary>
    public async Task SyncedByAsync(SiloProcess silo, TimeSpan patience)
    {
        var head = await _work.HeadAsync();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                var status = (await silo.Api.ApplicationAsync(Application)).Status;
                return status.Sync == "Synced" && status.Revision == head;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, $"{Application} Synced at {_value}", patience);
        Assert.Equal(Many, await WrittenAsync());
    }

    /// <summary>No object ever went back to an older value or was deleted, and the history has an entry for each commit. Returns how many writes were made twice.</summary>
    /// <param name="overtaken">Commits whose sync did not end before a newer one came.</param>
    public async Task<int> AssertNothingWasLostAsync(SiloProcess silo, int overtaken = 0)
    {
        var values = await _history.EndAsync();
        Assert.Equal(Many, values.Count);
        Assert.All(values, item =>
        {
            Assert.DoesNotContain(-1, item.Value);
            Assert.Equal(item.Value.Order(), item.Value);
        });
        await Eventually.GetAsync(
            async () => string.Join('\n', (await silo.Api.HistoryAsync(Application)).Where(entry => entry.Result == "Succeeded").Select(entry => entry.Revision).Distinct()),
            found => found.Split('\n').Length >= _value - overtaken, $"{_value - overtaken} commits in the history", TimeSpan.FromSeconds(60));
        var twice = values.Sum(item => item.Value.Count - item.Value.Distinct().Count());
        TestContext.Current.TestOutputHelper?.WriteLine($"{twice} of {values.Sum(item => item.Value.Count)} writes were made twice");
        return twice;
    }

    public async ValueTask DisposeAsync()
    {
        await _history.DisposeAsync();
        await Group.DisposeAsync();
    }
}
