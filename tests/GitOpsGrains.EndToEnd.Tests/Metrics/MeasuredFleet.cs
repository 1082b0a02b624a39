using System.Globalization;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Metrics;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Metrics;

/// <summary>A silo and a gateway as processes of their own, and a simulated cluster: what they count is of one test alone.</summary>
public sealed class MeasuredFleet : IAsyncDisposable
{
    private readonly SimulatedFleet _simulation;
    private readonly ClusterPlace _place;

    private MeasuredFleet(SimulatedFleet simulation, ClusterPlace place, GitServer git, SiloProcess silo, GatewayProcess gateway) =>
        (_simulation, _place, Git, Silo, Gateway) = (simulation, place, git, silo, gateway);

    public GitServer Git { get; }

    public SiloProcess Silo { get; }

    public GatewayProcess Gateway { get; }

    public ApiClient Kube => _place.Kube;

    public static async Task<MeasuredFleet> StartAsync()
    {
        var simulation = await SimulatedFleet.StartAsync();
        var place = await SimulatedScenes.PlaceAsync(simulation, TestFolder.New("simulation"));
        var git = await GitServer.StartAsync();
        var port = FreePort.Next();
        var silo = await SiloProcess.StartNewAsync(new Dictionary<string, string> { ["Silo__GatewayPort"] = port.ToString(CultureInfo.InvariantCulture) });
        var gateway = await GatewayProcess.StartNewAsync(port, () => silo.Token);
        await gateway.ReadyAsync();
        await silo.Api.ApplyAsync(Manifests.Cluster(FleetFixture.Cluster, place.Kubeconfig));
        return new MeasuredFleet(simulation, place, git, silo, gateway);
    }

    /// <summary>A repository with the named config maps of one value in the folder "app", known to the silo.</summary>
    public async Task<(GitWorkspace Work, string Commit)> NewRepositoryAsync(string name, params string[] maps)
    {
        var work = await Git.CreateRepositoryAsync(name);
        var commit = await work.PublishAsync("app/all.yaml", string.Concat(maps.Select(map => Manifests.ConfigMap(map, "1"))));
        await Silo.Api.ApplyAsync(Manifests.Repository(name, work.Url));
        return (work, commit);
    }

    public Task<Scrape> SiloAsync() => Scrape.OfAsync(Silo.Url, TestContext.Current.CancellationToken);

    public Task<Scrape> GatewayAsync() => Scrape.OfAsync(Gateway.Url, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Silo.DisposeAsync();
        await Git.DisposeAsync();
        _place.Kube.Dispose();
        await _simulation.DisposeAsync();
    }
}
