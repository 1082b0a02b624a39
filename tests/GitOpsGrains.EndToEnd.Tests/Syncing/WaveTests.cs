using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using static GitOpsGrains.EndToEnd.Tests.Syncing.Workloads;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>Phases and waves on a real server with its controllers: nothing begins before what it stands on is done.</summary>
public sealed class WaveTests(SharedFleet fleet)
{
    private const string Application = "app";

    [Fact]
    public async Task ThreeWavesWithHooks_EachWaitsForTheOneBefore()
    {
        var scene = await fleet.NewSceneAsync();
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name, "migrate", "web", "tell");
        await scene.Work.WriteAsync($"{Application}/all.yaml",
            Job("migrate", Hook("PreSync"), "run: migrate") + ConfigMap("first", "1", Wave(-1)) + Deployment("web", labels: "run: web")
            + ConfigMap("last", "1", Wave(5)) + Job("tell", Hook("PostSync", "HookSucceeded"), "run: tell"));
        var commit = await scene.PushAsync("Three waves");
        await scene.PutApplicationAsync(Application);

        await RunningAsync(scene, $"PreSync wave 0 runs 1 hooks: Job.batch {scene.Name}/migrate: Waiting for the job to complete");
        Assert.Null(await scene.FindAsync("first"));
        await pods.LetGoAsync("migrate");
        await RunningAsync(scene, $"wave 0 waits for 1 objects: Deployment.apps {scene.Name}/web: Waiting for rollout to finish: 0 of 1 updated replicas are available");
        Assert.NotNull(await scene.FindAsync("first"));
        Assert.Null(await scene.FindAsync("last"));
        Assert.Equal("OutOfSync", (await scene.GetAsync(Application)).Status.Sync);
        await pods.LetGoAsync("web");
        await RunningAsync(scene, $"PostSync wave 0 runs 1 hooks: Job.batch {scene.Name}/tell: Waiting for the job to complete");
        Assert.NotNull(await scene.FindAsync("last"));
        Assert.Equal(("Synced", "Healthy"), ((await scene.GetAsync(Application)).Status.Sync, (await scene.GetAsync(Application)).Status.Health));
        await pods.LetGoAsync("tell");

        var ended = await EndedAsync(scene, commit);
        Assert.Equal((OperationPhase.Succeeded, "3 created, 2 hooks succeeded"), (ended.Phase, ended.Message));
        // The one that succeeded and says so is gone; the other stays until the next sync.
        await Eventually.TrueAsync(async () => await JobAsync(scene, "tell") is null, "no Job tell");
        Assert.NotNull(await JobAsync(scene, "migrate"));
        Assert.Equal(
            [$"/ConfigMap:{scene.Name}/first Created", $"/ConfigMap:{scene.Name}/last Created", $"apps/Deployment:{scene.Name}/web Created", $"batch/Job:{scene.Name}/migrate HookSucceeded", $"batch/Job:{scene.Name}/tell HookSucceeded"],
            (await HistoryAsync(scene)).Objects.Select(item => $"{item.Object} {item.Action}").Order(StringComparer.Ordinal));
        // Hooks are no objects of the application.
        Assert.Equal(["first", "last", "web"], (await scene.GetTargetAsync(Application)).Objects!.Select(item => item.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task HookThatFails_StopsTheSyncBeforeItsWritesAndRunsSyncFail()
    {
        var scene = await fleet.NewSceneAsync();
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name);
        await scene.Work.WriteAsync($"{Application}/all.yaml",
            Job("migrate", Hook("PreSync", "HookFailed"), "ends: badly") + ConfigMap("first", "1") + Job("page", Hook("SyncFail")) + Job("tell", Hook("PostSync")));
        var commit = await scene.PushAsync("A migration that fails");
        await scene.PutApplicationAsync(Application);

        var condition = await scene.ConditionAsync(Application, "HookFailed");

        Assert.Equal(($"batch/Job:{scene.Name}/migrate", "all.yaml", 0), (condition.Object, condition.File, condition.Document));
        Assert.StartsWith($"{scene.Cluster}: PreSync hook Job.batch {scene.Name}/migrate: ", condition.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await JobAsync(scene, "page") is not null, "the Job of SyncFail");
        Assert.Null(await scene.FindAsync("first"));
        Assert.Null(await JobAsync(scene, "tell"));
        Assert.Equal("Failed", (await HistoryAsync(scene)).Result);
        Assert.Equal("OutOfSync", (await scene.GetAsync(Application)).Status.Sync);
        Assert.NotEmpty(commit);
    }

    [Fact]
    public async Task RolloutThatFails_EndsTheSyncWithItsMessageAndLeavesTheLaterWave()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml", Deployment("web", more: "\n  progressDeadlineSeconds: 1") + ConfigMap("last", "1", Wave(1)));
        await scene.PushAsync("A rollout that never ends");
        await scene.PutApplicationAsync(Application);

        var condition = await scene.ConditionAsync(Application, "HealthCheckFailed");

        Assert.Equal($"{scene.Cluster}: Deployment.apps {scene.Name}/web: Deployment \"web\" exceeded its progress deadline", condition.Message);
        Assert.Null(await scene.FindAsync("last"));
        Assert.Equal("PartiallyApplied", (await HistoryAsync(scene)).Result);
    }

    [Fact]
    public async Task HealthThatDoesNotComeInTime_FailsTheSyncAndNotTheStatus()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml", Deployment("web"));
        var commit = await scene.PushAsync("Pods that nobody runs");
        await scene.PutApplicationAsync(Application, sync: ", healthTimeout: 1s");

        var condition = await scene.ConditionAsync(Application, "HealthCheckFailed");

        Assert.Equal($"{scene.Cluster}: wave 0 was not healthy within 1s: Deployment.apps {scene.Name}/web: Waiting for rollout to finish: 0 of 1 updated replicas are available", condition.Message);
        var status = (await scene.GetAsync(Application)).Status;
        Assert.Equal(("Synced", "Progressing", commit), (status.Sync, status.Health, status.Revision));
    }

    [Fact]
    public async Task SecondSync_RunsHooksAnew_AndAHealDoesNot()
    {
        var scene = await fleet.NewSceneAsync();
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name);
        await scene.Work.WriteAsync($"{Application}/all.yaml", Job("migrate", Hook("PreSync")) + Job("each-", Hook("PostSync")) + ConfigMap("first", "1"));
        var commit = await scene.PushAsync("Hooks");
        await scene.PutApplicationAsync(Application);
        await EndedAsync(scene, commit);
        var first = Uid(await JobAsync(scene, "migrate"));

        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("first"), """{"data":{"key":"theirs"}}""");
        await Eventually.TrueAsync(async () => (await scene.FindLiveAsync("first")).Value == "1", "the heal");
        Assert.Equal(first, Uid(await JobAsync(scene, "migrate")));
        var before = (await scene.Server.Client.GetJsonAsync($"/apis/batch/v1/namespaces/{scene.Name}/jobs")).GetProperty("items").EnumerateArray().Select(job => job.Metadata("uid")).ToHashSet();

        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(Application), "sync")).Phase);
        Assert.NotEqual(first, Uid(await JobAsync(scene, "migrate")));
        // A generated name is another one in each second.
        var jobs = (await scene.Server.Client.GetJsonAsync($"/apis/batch/v1/namespaces/{scene.Name}/jobs")).GetProperty("items").EnumerateArray().ToArray();
        Assert.All(jobs.Where(job => job.Metadata("name") != "migrate"), job => Assert.StartsWith($"each-{commit[..7]}-postsync-", job.Metadata("name"), StringComparison.Ordinal));
        Assert.Contains(jobs, job => job.Metadata("name") != "migrate" && !before.Contains(job.Metadata("uid")));
    }

    [Fact]
    public async Task Terminate_WhileAHookRuns_DeletesItAndEndsTheOperation()
    {
        var scene = await fleet.NewSceneAsync();
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name, "migrate");
        await scene.Work.WriteAsync($"{Application}/all.yaml", Job("migrate", Hook("PreSync"), "run: migrate") + ConfigMap("first", "1"));
        await scene.PushAsync("A long migration");
        await scene.PutApplicationAsync(Application);
        await Eventually.TrueAsync(async () => await JobAsync(scene, "migrate") is not null, "the Job");

        await scene.Rest.SendAsync<OperationView>(HttpMethod.Post, $"applications/default/{scene.Of(Application)}:terminate");

        await Eventually.TrueAsync(async () => await JobAsync(scene, "migrate") is null, "no Job any more");
        await Eventually.GetAsync(async () => (await scene.GetTargetAsync(Application)).Operation!, operation => operation.Phase == OperationPhase.Terminated, "the end");
        Assert.Null(await scene.FindAsync("first"));
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("finish-wave")]
    public async Task NewerCommit_WhileAWaveWaits_ComesThroughAsThePolicySays(string preemption)
    {
        var scene = await fleet.NewSceneAsync();
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name, "web");
        await scene.Work.WriteAsync($"{Application}/all.yaml", Deployment("web", labels: "run: web") + ConfigMap("last", "1", Wave(1)));
        await scene.PushAsync("One");
        await scene.PutApplicationAsync(Application, sync: $", preemption: {preemption}");
        await RunningAsync(scene, $"wave 0 waits for 1 objects: Deployment.apps {scene.Name}/web: Waiting for rollout to finish: 0 of 1 updated replicas are available");

        await scene.Work.WriteAsync($"{Application}/more.yaml", ConfigMap("first", "2", Wave(-1)));
        var second = await scene.PushAsync("Two", Application);
        if (preemption == "cancel") await Eventually.TrueAsync(async () => await scene.FindAsync("first") is not null, "the newer commit, with pods still held");
        await pods.LetGoAsync("web");
        await EndedAsync(scene, second);

        Assert.Equal(("1", "2"), ((await scene.FindLiveAsync("last")).Value, (await scene.FindLiveAsync("first")).Value));
        var history = await scene.Rest.GetAsync<ListView<HistoryView>>($"applications/default/{scene.Of(Application)}/history");
        Assert.Equal(["Succeeded", "Superseded"], history.Items.Select(entry => entry.Result));
        Assert.Equal($"overtaken by {second}", history.Items[1].Error);
        Assert.Equal("last", Assert.Single(history.Items[0].Objects, item => item.Object.EndsWith("/last", StringComparison.Ordinal)).Object[^4..]);
    }

    private static Task<OperationView> RunningAsync(Scene scene, string message) => Eventually.GetAsync(
        async () => (await scene.GetTargetAsync(Application)).Operation ?? new OperationView(), operation => operation.Phase == OperationPhase.Running && operation.Message == message, message);

    private static async Task<OperationView> EndedAsync(Scene scene, string commit)
    {
        await scene.SyncedAsync(Application, commit);
        return await Eventually.GetAsync(async () => (await scene.GetTargetAsync(Application)).Operation!, operation => operation.Phase == OperationPhase.Succeeded, "the end of the sync");
    }

    private static async Task<HistoryView> HistoryAsync(Scene scene) => (await Eventually.GetAsync(
        async () => (await scene.Rest.GetAsync<ListView<HistoryView>>($"applications/default/{scene.Of(Application)}/history")).Items, items => items.Count > 0, "history"))[0];

    private static Task<System.Text.Json.JsonElement?> JobAsync(Scene scene, string name) => scene.Server.Client.FindJsonAsync($"/apis/batch/v1/namespaces/{scene.Name}/jobs/{name}");

    private static string Uid(System.Text.Json.JsonElement? live) => live!.Value.Metadata("uid");
}
