using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>A silo of its own whose calls a test may meddle with, and an application of one object that is synced there.</summary>
internal sealed class FilteredScene : IAsyncDisposable
{
    public const string Application = "app";

    private readonly SimulatedFleet _fleet;
    private readonly GitServer _git;

    private FilteredScene(SimulatedFleet fleet, GitServer git, InProcessHost host, Scene scene) => (_fleet, _git, Host, Scene) = (fleet, git, host, scene);

    public InProcessHost Host { get; }

    public Scene Scene { get; }

    public static async Task<FilteredScene> StartAsync(IIncomingGrainCallFilter calls)
    {
        var fleet = await SimulatedFleet.StartAsync();
        var git = await GitServer.StartAsync();
        var host = await InProcessHost.StartAsync(calls: calls);
        var scene = await Scene.CreateAsync(host, await SimulatedScenes.PlaceAsync(fleet, TestFolder.New("filtered")), git);
        await scene.WriteConfigMapAsync($"{Application}/one.yaml", "one", "same");
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, await scene.PushAsync("One", Application));
        return new FilteredScene(fleet, git, host, scene);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _git.DisposeAsync();
        await _fleet.DisposeAsync();
    }
}
