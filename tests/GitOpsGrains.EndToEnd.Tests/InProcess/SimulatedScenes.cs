using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>What a test gets its scenes from.</summary>
public interface ISceneMaker
{
    Task<Scene> NewSceneAsync();
}

/// <summary>Scenes with a simulated cluster each.</summary>
internal sealed class SimulatedScenes(Func<Task<(InProcessHost Host, GitServer Git)>> parts) : ISceneMaker, IAsyncDisposable
{
    private static int _clusters;

    private readonly Lazy<Task<SimulatedFleet>> _fleet = new(static () => SimulatedFleet.StartAsync());
    private readonly string _folder = TestFolder.New("scenes");

    public async Task<Scene> NewSceneAsync()
    {
        var (host, git) = await parts();
        return await Scene.CreateAsync(host, await PlaceAsync(await _fleet.Value, _folder), git);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet.IsValueCreated) await (await _fleet.Value).DisposeAsync();
    }

    /// <summary>A new cluster, its kubeconfig written, and its administrator.</summary>
    public static async Task<ClusterPlace> PlaceAsync(SimulatedFleet fleet, string folder)
    {
        var cluster = fleet.Add($"simulated-{Interlocked.Increment(ref _clusters)}", new SimulatedClusterOptions { ReadyAfter = TimeSpan.FromMilliseconds(300) });
        var (authority, kubeconfig) = (Path.Combine(folder, $"{cluster.Name}.crt"), Path.Combine(folder, $"{cluster.Name}.yaml"));
        await File.WriteAllTextAsync(authority, fleet.AuthorityPem);
        await File.WriteAllTextAsync(kubeconfig, fleet.Kubeconfig(cluster.Name));
        return new ClusterPlace(new ApiClient(fleet.AddressOf(cluster.Name), cluster.Users[0].Token, authority), cluster.Name, kubeconfig, Simulation: cluster);
    }
}
