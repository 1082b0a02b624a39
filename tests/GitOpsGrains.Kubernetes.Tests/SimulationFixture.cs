using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>One simulated cluster for all tests, without controllers, as the real server of <see cref="KubernetesFixture"/>.</summary>
public sealed class SimulationFixture : IKubernetesStage, IAsyncLifetime
{
    private const string Name = "suite";

    private readonly string _folder = TestFolder.New("simulation");
    private SimulatedFleet? _fleet;
    private ApiClient? _client;

    public SimulatedFleet Fleet => _fleet ?? throw new InvalidOperationException("the simulation has not been started");

    public SimulatedCluster Cluster => Fleet.Get(Name);

    public ApiClient Client => _client ?? throw new InvalidOperationException("the simulation has not been started");

    public string Version => Cluster.Options.Version;

    public Task<IClusterConnection> ConnectAsync(string user = ApiServer.Admin, Action<KubernetesOptions>? configure = null) =>
        ConnectToAsync(Fleet.Kubeconfig(Name, user), configure);

    public async Task<IClusterConnection> ConnectToAsync(string kubeconfig, Action<KubernetesOptions>? configure = null)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(path, kubeconfig);
        return await KubernetesFixture.ConnectWithAsync(path, configure);
    }

    public ApiClient ClientOf(SimulatedCluster cluster) => new(Fleet.AddressOf(cluster.Name), cluster.Users[0].Token, AuthorityFile);

    public async Task<string> NewNamespaceAsync(string prefix = "test")
    {
        var name = $"{prefix}-{Guid.NewGuid():N}"[..(prefix.Length + 9)];
        await Client.CreateNamespaceAsync(name);
        return name;
    }

    public async ValueTask InitializeAsync()
    {
        _fleet = await SimulatedFleet.StartAsync();
        await File.WriteAllTextAsync(AuthorityFile, _fleet.AuthorityPem);
        _client = ClientOf(_fleet.Add(Name, new SimulatedClusterOptions { Controllers = false, Users = [new SimulatedUser("nobody", "token-of-nobody")] }));
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_fleet is not null) await _fleet.DisposeAsync();
    }

    public string AuthorityFile => Path.Combine(_folder, "ca.crt");
}
