using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>How many requests a cluster gets, counted on a simulated one that nobody else asks.</summary>
public sealed class RequestCountTests(SharedFleet fleet)
{
    private const string Application = "app";
    private const int Objects = 50;

    [Fact]
    public async Task Refresh_WithNothingNew_AsksTheClusterNothing()
    {
        var (scene, _) = await SyncedAsync();
        var before = await RequestCounts.ReadAsync(scene.Kube);

        await scene.Rest.CommandAsync(scene.Of(Application), "refresh");
        await scene.WriteConfigMapAsync("other/c.yaml", "other", "1");
        var commit = await scene.PushAsync("Nothing for this application", Application);
        await scene.SyncedAsync(Application, commit);

        Assert.Equal("", (await RequestCounts.ReadAsync(scene.Kube)).Since(before).ToString());
    }

    [Fact]
    public async Task CommitThatTouchesOneOfMany_IsOneWrite()
    {
        var (scene, _) = await SyncedAsync();
        var before = await RequestCounts.ReadAsync(scene.Kube);

        await scene.WriteConfigMapAsync($"{Application}/c07.yaml", "c07", "second");
        await scene.SyncedAsync(Application, await scene.PushAsync("One of them", Application));

        Assert.Equal("APPLY configmaps: 1", (await RequestCounts.ReadAsync(scene.Kube)).Since(before).ToString());
        Assert.Equal("second", (await scene.FindLiveAsync("c07")).Value);
    }

    private async Task<(Scene Scene, string Commit)> SyncedAsync()
    {
        var scene = await fleet.Simulated.NewSceneAsync();
        for (var index = 0; index < Objects; index++) await scene.WriteConfigMapAsync($"{Application}/c{index:00}.yaml", $"c{index:00}", "first");
        var commit = await scene.PushAsync("Fifty");
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, commit);
        await scene.HistoryAsync(Application, commit);
        return (scene, commit);
    }
}
