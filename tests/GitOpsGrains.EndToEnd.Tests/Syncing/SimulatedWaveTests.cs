using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Faults;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.EndToEnd.Tests.Syncing.Workloads;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>Phases and waves on a simulated cluster, whose workloads get ready after a while, or fail where they are told to.</summary>
public sealed class SimulatedWaveTests(SharedFleet fleet)
{
    private const string Application = "app";
    private const string Fails = "simulation.gitopsgrains.io/behaviour: fail";

    [Fact]
    public async Task ThreeWavesWithHooks_AreAppliedInTheirOrder()
    {
        var scene = await fleet.Simulated.NewSceneAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml",
            Job("migrate", Hook("PreSync")) + ConfigMap("first", "1", Wave(-1)) + Deployment("web") + ConfigMap("last", "1", Wave(5)) + Job("tell", Hook("PostSync", "HookSucceeded")));
        var commit = await scene.PushAsync("Three waves");
        await scene.PutApplicationAsync(Application);

        await scene.SyncedAsync(Application, commit);
        var ended = await Eventually.GetAsync(async () => (await scene.GetTargetAsync(Application)).Operation!, operation => operation.Phase == OperationPhase.Succeeded, "the end of the sync");
        Assert.Equal("3 created, 2 hooks succeeded", ended.Message);
        // Each is written last when it is done, which is before the next one begins.
        var versions = await Task.WhenAll(
            VersionAsync(scene, "/apis/batch/v1", "jobs/migrate"), VersionAsync(scene, "/api/v1", "configmaps/first"), VersionAsync(scene, "/apis/apps/v1", "deployments/web"), VersionAsync(scene, "/api/v1", "configmaps/last"));
        Assert.Equal(versions.Order(), versions);
        Assert.Null(await scene.Kube.FindJsonAsync($"/apis/batch/v1/namespaces/{scene.Name}/jobs/tell"));
    }

    [Fact]
    public async Task HookThatFails_StopsTheSyncBeforeItsWrites()
    {
        var scene = await fleet.Simulated.NewSceneAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml", Job("migrate", $"{Hook("PreSync")}, {Fails}") + ConfigMap("first", "1"));
        await scene.PushAsync("A migration that fails");
        await scene.PutApplicationAsync(Application);

        var condition = await scene.ConditionAsync(Application, "HookFailed");

        Assert.Equal($"batch/Job:{scene.Name}/migrate", condition.Object);
        Assert.Null(await scene.FindAsync("first"));
    }

    [Fact]
    public async Task WaveThatDoesNotGetReady_HoldsTheNextOneBack()
    {
        var scene = await fleet.Simulated.NewSceneAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml", Deployment("web", Fails) + ConfigMap("last", "1", Wave(5)));
        await scene.PushAsync("A rollout that fails");
        await scene.PutApplicationAsync(Application);

        await Eventually.GetAsync(async () => (await scene.GetAsync(Application)).Status.Health, health => health == "Degraded", "a degraded application");

        Assert.Null(await scene.FindAsync("last"));
    }

    /// <summary>It is done as soon as it is made, so that nothing but its run tells it from one of an earlier sync.</summary>
    [Fact]
    public async Task HookWhoseCreationIsNotAnswered_IsNotMadeTwice()
    {
        var scene = await fleet.Simulated.NewSceneAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml", ConfigMap("note", "1", Hook("PreSync")) + ConfigMap("first", "1"));
        var commit = await scene.PushAsync("A hook whose creation is not answered");
        var before = await RequestCounts.ReadAsync(scene.Kube);
        scene.Simulation.Fault = new ClusterFault { Kind = FaultKind.LostAnswer, Path = "/configmaps", Times = 1 };
        await scene.PutApplicationAsync(Application);

        await scene.SyncedAsync(Application, commit);

        var counts = (await RequestCounts.ReadAsync(scene.Kube)).Since(before);
        Assert.Equal((1, 1, 0), (scene.Simulation.FaultMet, counts.Of("POST", "configmaps"), counts.Of("DELETE", "configmaps")));
        var ended = (await scene.GetTargetAsync(Application)).Operation!;
        Assert.Equal((OperationPhase.Succeeded, 1, "1 created, 1 hooks succeeded"), (ended.Phase, ended.Attempt, ended.Message));

        // The next sync runs it again.
        await scene.Work.WriteAsync($"{Application}/more.yaml", ConfigMap("second", "1"));
        commit = await scene.PushAsync("The next one", Application);
        await scene.SyncedAsync(Application, commit);
        Assert.Equal(2, (await RequestCounts.ReadAsync(scene.Kube)).Since(before).Of("POST", "configmaps"));
    }

    private static async Task<long> VersionAsync(Scene scene, string api, string path) =>
        long.Parse((await scene.Kube.GetJsonAsync($"{api}/namespaces/{scene.Name}/{path}")).Metadata("resourceVersion"), System.Globalization.CultureInfo.InvariantCulture);
}
