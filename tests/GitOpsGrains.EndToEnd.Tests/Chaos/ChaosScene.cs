using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>Two silos over one storage with an application of many objects.</summary>
internal sealed class ChaosScene : IAsyncDisposable
{
    public const int Many = 500;

    private const string First = "silo-0";

    private readonly CountedObjects _objects;

    private ChaosScene(SiloGroup group, CountedObjects objects) => (Group, _objects) = (group, objects);

    public SiloGroup Group { get; }

    /// <summary>The one that serves the cluster.</summary>
    public SiloProcess Serving { get; private set; } = null!;

    public SiloProcess Other { get; private set; } = null!;

    public string Application => _objects.Application;

    public GitWorkspace Work => _objects.Work;

    /// <inheritdoc cref="CountedObjects.Space"/>
    public string Space => _objects.Space;

    /// <summary>Both silos run, and the first commit is synced.</summary>
    /// <param name="clock">Of the silo that serves the cluster; null: the machine's.</param>
    /// <param name="networks">One for each of the silos, joined by a cable; null: both are in that of the test.</param>
    public static async Task<ChaosScene> StartAsync(
        ApiServer server, GitServer git, string space, IReadOnlyDictionary<string, string> storage, SteppedClock? clock = null, IReadOnlyList<NetworkNamespace>? networks = null)
    {
        var scene = new ChaosScene(new SiloGroup(storage), new CountedObjects(server.Client, await git.CreateRepositoryAsync(space), space, Many));
        var first = await scene.Group.StartAsync(First, At(0), clock, networks?[0]);
        await first.Api.ApplyAsync(Manifests.Cluster(server));
        await scene._objects.RegisterAsync(first.Api);
        // A name beside which the cluster stays with the first.
        var name = Enumerable.Range(1, 50).Select(number => $"silo-{number}").First(name => ClusterHomes.Of(FleetFixture.Cluster, [First, name], silo => silo) == First);
        var second = await scene.Group.StartAsync(name, At(1), network: networks?[1]);
        await scene._objects.WatchAsync();
        await scene.PublishAsync();
        await second.Api.SyncedAfterRefreshAsync(scene.Application, await scene._objects.Work.HeadAsync(), TimeSpan.FromSeconds(60));
        (scene.Serving, scene.Other) = (first, second);
        return scene;

        // A silo that starts again at its address ends what is left of itself there; at another one it waits 30 s for that.
        Dictionary<string, string> At(int network)
        {
            var settings = new Dictionary<string, string> { ["Silo__Port"] = $"{FreePort.Next()}" };
            if (networks is not null) settings["Silo__Address"] = NetworkNamespace.AddressOf(network);
            return settings;
        }
    }

    /// <summary>Commits the next value of all objects.</summary>
    public Task PublishAsync() => _objects.PublishAsync();

    /// <summary>Has the silo look at Git, and returns when a part of the objects has the value that was published last.</summary>
    public Task InTheMiddleAsync(SiloProcess asked) => _objects.InTheMiddleAsync(asked.Api);

    public Task InTheMiddleAsync(FleetApi asked) => _objects.InTheMiddleAsync(asked);

    /// <inheritdoc cref="CountedObjects.RefreshOrUnavailableAsync"/>
    public Task RefreshOrUnavailableAsync(SiloProcess asked) => _objects.RefreshOrUnavailableAsync(asked.Api);

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

    /// <inheritdoc cref="CountedObjects.WrittenAsync"/>
    public Task<int> WrittenAsync() => _objects.WrittenAsync();

    /// <inheritdoc cref="CountedObjects.SyncedByAsync"/>
    public Task SyncedByAsync(SiloProcess silo, TimeSpan patience) => _objects.SyncedByAsync(silo.Api, patience);

    /// <inheritdoc cref="CountedObjects.AssertNothingWasLostAsync"/>
    public Task<int> AssertNothingWasLostAsync(SiloProcess silo, int overtaken = 0) => _objects.AssertNothingWasLostAsync(silo.Api, overtaken);

    public async ValueTask DisposeAsync()
    {
        await _objects.DisposeAsync();
        await Group.DisposeAsync();
    }
}
