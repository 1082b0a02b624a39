using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>As <see cref="FleetFixture"/>, with a simulated cluster in the place of the API server.</summary>
public sealed class SimulatedFleetFixture : IFleetStage, IAsyncLifetime
{
    private SimulatedFleet? _simulation;
    private ClusterPlace? _place;
    private GitServer? _git;
    private SiloProcess? _silo;

    public GitServer Git => _git ?? throw new InvalidOperationException("the Git server has not been started");

    public SiloProcess Silo => _silo ?? throw new InvalidOperationException("the silo has not been started");

    public FleetApi Api => Silo.Api;

    public Ctl Ctl => new(Silo);

    public ApiClient Kube => _place?.Kube ?? throw new InvalidOperationException("the simulation has not been started");

    public string ClusterDocument(string name) => Manifests.Cluster(name, _place!.Kubeconfig);

    public async ValueTask InitializeAsync()
    {
        _simulation = await SimulatedFleet.StartAsync();
        _place = await SimulatedScenes.PlaceAsync(_simulation, TestFolder.New("simulation"));
        _git = await GitServer.StartAsync();
        _silo = await SiloProcess.StartNewAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
        if (_git is not null) await _git.DisposeAsync();
        _place?.Kube.Dispose();
        if (_simulation is not null) await _simulation.DisposeAsync();
    }
}
