using System.Globalization;
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
    public static async Task<ChaosScene> StartAsync(ApiServer server, GitServer git, string space, IReadOnlyDictionary<string, string> storage)
    {
        var scene = new ChaosScene(server, new SiloGroup(storage), await git.CreateRepositoryAsync(space), space);
        var first = await scene.Group.StartAsync();
        await scene.PublishAsync();
        await first.Api.ApplyAsync(
            Manifests.Cluster(FleetFixture.Cluster, server.WriteKubeconfig(Path.Combine(server.Folder, $"{Guid.NewGuid():N}.yaml")))
            + Manifests.Repository(space, scene._work.Url) + Manifests.Application(space, space));
        await first.Api.WaitSyncedAsync(scene.Application, await scene._work.HeadAsync(), TimeSpan.FromSeconds(60));
        var second = await scene.Group.StartAsync();
        scene._history = await ConfigMapHistory.BeginAsync(server.Client, space);
        // Who serves it shows in the next commit; before, the silo that joined may have been given the cluster.
        await scene.PublishAsync();
        await second.Api.SyncedAfterRefreshAsync(scene.Application, await scene._work.HeadAsync(), TimeSpan.FromSeconds(60));
        (scene.Serving, scene.Other) = ClusterIsOf(second) ? (second, first) : (first, second);
        return scene;

        static bool ClusterIsOf(SiloProcess silo) => silo.Log.Contains($"Cluster {FleetFixture.Cluster} is ready", StringComparison.Ordinal);
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
    public async Task<int> AssertNothingWasLostAsync(SiloProcess silo)
    {
        var values = await _history.EndAsync();
        Assert.Equal(Many, values.Count);
        Assert.All(values, item =>
        {
            Assert.DoesNotContain(-1, item.Value);
            Assert.Equal(item.Value.Order(), item.Value);
        });
        Assert.Equal(_value, (await silo.Api.HistoryAsync(Application)).Select(entry => entry.Revision).Distinct().Count());
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
