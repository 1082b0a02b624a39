using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

[assembly: AssemblyFixture(typeof(SharedFleet))]

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>
/// One product, one API server and one Git server for all tests that do not stop or break them as a whole; started when
/// the first test asks. Every test has a <see cref="Scene"/> of its own.
/// </summary>
public sealed class SharedFleet : IAsyncDisposable, ISceneMaker
{
    private readonly SimulatedScenes _simulated;

    public SharedFleet() => _simulated = new SimulatedScenes(async () =>
    {
        var parts = await _parts!.Value;
        return (parts.Host, parts.Git);
    });

    /// <summary>Makes scenes with a simulated cluster each, for the same product.</summary>
    public ISceneMaker Simulated => new Followed(_simulated);

    private const string Cluster = "shared";

    private readonly Lazy<Task<Parts>> _parts = new(StartAsync);

    private static readonly RecordWrites Written = new();

    /// <summary>What the product has stored.</summary>
    public static RecordWrites Writes => Written;

    private sealed class Followed(ISceneMaker scenes) : ISceneMaker
    {
        public Task<Scene> NewSceneAsync() => EndedScenes.FollowAsync(scenes.NewSceneAsync());
    }

    private sealed record Parts(InProcessHost Host, ApiServer Server, GitServer Git);

    public async Task<Scene> NewSceneAsync()
    {
        var parts = await _parts.Value;
        return await EndedScenes.FollowAsync(Scene.CreateAsync(parts.Host, parts.Server, parts.Git, Cluster));
    }

    /// <summary>A scene on another API server, which the test may break.</summary>
    public async Task<Scene> NewSceneAsync(ApiServer server, string cluster, string user = ApiServer.Admin)
    {
        var parts = await _parts.Value;
        server.WriteKubeconfig(Scene.KubeconfigOf(server, cluster), user);
        return await EndedScenes.FollowAsync(Scene.CreateAsync(parts.Host, server, parts.Git, cluster));
    }

    private static async Task<Parts> StartAsync()
    {
        // The server first: it skips the test where the tools are missing. Foreground deletion needs its controllers.
        var server = await ApiServer.StartAsync(new ApiServerOptions { ControllerManager = true });
        server.WriteKubeconfig(Scene.KubeconfigOf(server, Cluster));
        Environment.SetEnvironmentVariable("GITOPSGRAINS__Rendering__Helm", Tools.Find("helm"));
        Environment.SetEnvironmentVariable("GITOPSGRAINS__Rendering__Kustomize", Tools.Find("kubectl"));
        return new Parts(await InProcessHost.StartAsync(writes: Written), server, await GitServer.StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_parts.IsValueCreated || !_parts.Value.IsCompletedSuccessfully) return;
        var parts = await _parts.Value;
        await parts.Host.DisposeAsync();
        await _simulated.DisposeAsync();
        await parts.Git.DisposeAsync();
        await parts.Server.DisposeAsync();
    }
}
