using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using static GitOpsGrains.EndToEnd.Tests.Syncing.Workloads;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>What runs before and after the objects of an application are deleted.</summary>
public sealed class DeletionHookTests(SharedFleet fleet)
{
    private const string Application = "app";

    [Fact]
    public async Task Deletion_WithItsObjects_RunsPreDeleteBeforeAndPostDeleteAfter()
    {
        var scene = await fleet.NewSceneAsync();
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name, "drain", "bye");
        await scene.Work.WriteAsync($"{Application}/all.yaml",
            Job("drain", Hook("PreDelete", "HookSucceeded"), "run: drain") + Job("each", Hook("PostSync")) + ConfigMap("kept", "1", Hook("PreSync") + ", helm.sh/resource-policy: keep")
            + ConfigMap("first", "1") + Job("bye", Hook("PostDelete"), "run: bye"));
        var commit = await scene.PushAsync("Hooks around the end");
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, commit);
        await Eventually.GetAsync(async () => (await scene.GetTargetAsync(Application)).Operation!, operation => operation.Phase == OperationPhase.Succeeded, "the end of the sync");
        Assert.Null(await JobAsync(scene, "drain"));

        var deleting = await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(Application)}?cascade=foreground");
        await Eventually.TrueAsync(async () => await JobAsync(scene, "drain") is not null, "the Job of PreDelete");
        Assert.NotNull(await scene.FindAsync("first"));
        await pods.LetGoAsync("drain");
        await Eventually.TrueAsync(async () => await JobAsync(scene, "bye") is not null, "the Job of PostDelete");
        Assert.Null(await scene.FindAsync("first"));
        // What the hooks of syncs left under their own names is gone as well.
        await Eventually.TrueAsync(async () => await JobAsync(scene, "each") is null && await JobAsync(scene, "drain") is null, "no other Job");
        await pods.LetGoAsync("bye");

        var ended = await Eventually.GetAsync(
            () => scene.Rest.GetAsync<OperationView>($"operations/{deleting.Id}"), operation => operation.Phase is OperationPhase.Succeeded or OperationPhase.Failed, "the end of the deletion");
        Assert.Equal((OperationPhase.Succeeded, "deleted with its objects"), (ended.Phase, ended.Message));
        Assert.NotNull(await scene.FindAsync("kept"));
    }

    [Fact]
    public async Task PreDeleteThatFails_KeepsTheObjectsAndRunsAgain_UntilTheyAreToBeKept()
    {
        var scene = await fleet.NewSceneAsync();
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name);
        await scene.Work.WriteAsync($"{Application}/all.yaml", Job("drain", Hook("PreDelete"), "ends: badly") + ConfigMap("first", "1"));
        var commit = await scene.PushAsync("A hook that fails");
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, commit);

        await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(Application)}?cascade=foreground");
        var condition = await scene.ConditionAsync(Application, "HookFailed");
        Assert.StartsWith($"{scene.Cluster}: PreDelete hook Job.batch {scene.Name}/drain: ", condition.Message, StringComparison.Ordinal);
        var (uid, job) = ((await scene.FindLiveAsync("first")).Uid, (await JobAsync(scene, "drain"))!.Value.Metadata("uid"));
        await Eventually.TrueAsync(async () => await JobAsync(scene, "drain") is { } again && again.Metadata("uid") != job, "the hook, run again", TimeSpan.FromSeconds(60));

        await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(Application)}?cascade=keep");
        await Eventually.TrueAsync(
            async () => (await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of(Application)}")).Status == System.Net.HttpStatusCode.NotFound, "no application any more");
        Assert.Equal(uid, (await scene.FindLiveAsync("first")).Uid);
    }

    private static Task<System.Text.Json.JsonElement?> JobAsync(Scene scene, string name) => scene.Server.Client.FindJsonAsync($"/apis/batch/v1/namespaces/{scene.Name}/jobs/{name}");
}
