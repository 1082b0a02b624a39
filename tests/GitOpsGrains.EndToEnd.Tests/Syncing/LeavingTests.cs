using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using static GitOpsGrains.EndToEnd.Tests.Syncing.Workloads;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>What is in Git no more: when that counts as a difference, and when everything may go.</summary>
public sealed class LeavingTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task ObjectWithIgnoreExtraneous_ThatLeftGitAndIsNotPruned_LeavesTheApplicationInSync()
    {
        var scene = await StartAsync("false",
            ConfigMap("stays", "1"), ConfigMap("extra", "1", "argocd.argoproj.io/compare-options: IgnoreExtraneous"), ConfigMap("left", "1"));

        await scene.Work.DeleteAsync("app/1.yaml");
        var without = await scene.PushAsync("Without the extra one", App);
        await scene.SyncedAsync(App, without);
        await scene.Work.DeleteAsync("app/2.yaml");
        await scene.PushAsync("Without the other", App);
        await Eventually.GetAsync(async () => (await scene.GetAsync(App)).Status.Sync, sync => sync == "OutOfSync", "a difference");

        Assert.NotNull(await scene.FindAsync("extra"));
        var objects = (await scene.GetTargetAsync(App)).Objects!.ToDictionary(item => item.Id, item => item.Sync);
        Assert.Equal(("Synced", "OutOfSync"), (objects[scene.IdOf("extra")], objects[scene.IdOf("left")]));
    }

    [Fact]
    public async Task ObjectWithPruneLast_StaysUntilTheRestIsHealthy()
    {
        var scene = await StartAsync("true",
            ConfigMap("early", "1"), ConfigMap("late", "1", "argocd.argoproj.io/sync-options: PruneLast=true"), ConfigMap("stays", "1"));
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name, "web");
        await scene.Work.DeleteAsync("app/0.yaml");
        await scene.Work.DeleteAsync("app/1.yaml");
        await scene.Work.WriteAsync("app/web.yaml", Deployment("web", labels: "run: web"));
        var commit = await scene.PushAsync("Replace both", App);

        await Eventually.TrueAsync(async () => await scene.FindAsync("early") is null, "the one without the option gone");
        await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation?.Message ?? "", message => message.StartsWith("wave 0 waits for 1 objects", StringComparison.Ordinal), "the rollout waiting");
        Assert.NotNull(await scene.FindAsync("late"));
        await pods.LetGoAsync("web");

        await Eventually.TrueAsync(async () => await scene.FindAsync("late") is null, "the other one gone");
        await scene.SyncedAsync(App, commit);
    }

    [Theory]
    [InlineData("prune")]
    [InlineData("suspend")]
    public async Task ObjectWithPruneLast_WhosePruneIsForbiddenWhileTheSyncWaits_Stays(string how)
    {
        var scene = await StartAsync("true", ConfigMap("late", "1", "argocd.argoproj.io/sync-options: PruneLast=true"), ConfigMap("stays", "1"));
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name, "web");
        await scene.Work.DeleteAsync("app/0.yaml");
        await scene.Work.WriteAsync("app/web.yaml", Deployment("web", labels: "run: web"));
        await scene.PushAsync("Replace it", App);
        await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation?.Message ?? "", message => message.StartsWith("wave 0 waits for 1 objects", StringComparison.Ordinal), "the rollout waiting");

        if (how == "prune") await scene.PutApplicationAsync(App, prune: "false");
        else await scene.Rest.CommandAsync(scene.Of(App), "suspend");
        await Eventually.GetAsync(async () => (await scene.GetAsync(App)).Spec.Sync, sync => how == "suspend" || !sync.Prune.Enabled, "the policy");
        await scene.Rest.CommandAsync(scene.Of(App), "refresh");
        await pods.LetGoAsync("web");

        await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation!.Phase, phase => phase != OperationPhase.Running, "the end of the sync");
        Assert.NotNull(await scene.FindAsync("late"));
    }

    [Fact]
    public async Task EmptyDirectory_PrunesNothingUnlessItMay()
    {
        var scene = await StartAsync("true", ConfigMap("one", "1"), ConfigMap("two", "1"));
        await scene.Work.DeleteAsync("app/0.yaml");
        await scene.Work.DeleteAsync("app/1.yaml");
        await scene.Work.WriteAsync("app/README.md", "nothing here");
        var empty = await scene.PushAsync("Take all away", App);

        await scene.ConditionAsync(App, "RenderEmpty");
        Assert.Equal(2, (await scene.Server.Client.ConfigMapsAsync(scene.Name)).Count);

        await scene.PutApplicationAsync(App, prune: "{enabled: true, allowEmpty: true, budget: {objects: 10, percent: 30} }");
        await scene.SyncedAsync(App, empty);
        await Eventually.TrueAsync(async () => (await scene.Server.Client.ConfigMapsAsync(scene.Name)).Count == 0, "everything gone");
    }

    [Fact]
    public async Task KeepAnnotation_ThatAPersonSetBeforeTheAdoption_OutlivesItAndTheDeparture()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Server.Client.ApplyAsync(scene.ConfigMapPath("one"), """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"key":"1","old":"x"}}""", "kubectl");
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"), """{"metadata":{"annotations":{"argocd.argoproj.io/sync-options":"Prune=false"}}}""", manager: "kubectl-annotate");
        await scene.Work.WriteAsync("app/one.yaml", ConfigMap("one", "2"));
        await scene.Work.WriteAsync("app/two.yaml", ConfigMap("two", "1"));
        var commit = await scene.PushAsync("Adopt");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        var adopted = await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("one"));
        Assert.Equal(("2", "Prune=false"), (adopted.GetProperty("data").GetProperty("key").GetString(), adopted.Mark("annotations", "argocd.argoproj.io/sync-options")));
        Assert.False(adopted.GetProperty("data").TryGetProperty("old", out _));

        await scene.Work.DeleteAsync("app/one.yaml");
        await scene.PushAsync("Let it go", App);
        var left = await Eventually.GetAsync(
            async () => (await scene.GetTargetAsync(App)).Objects!.FirstOrDefault(item => item.Id == scene.IdOf("one")) ?? new ObjectView(), item => item.Message?.Contains("Prune=false", StringComparison.Ordinal) == true, "the reason that it stays");

        Assert.Equal("OutOfSync", left.Sync);
        Assert.NotNull(await scene.FindAsync("one"));
    }

    [Fact]
    public async Task ManagedNamespaceMetadata_OfTwoApplications_StandsBesideEachOther()
    {
        var scene = await fleet.NewSceneAsync();
        var space = $"{scene.Name}-both";
        await scene.WriteConfigMapAsync("app/a.yaml", "a", "'1'");
        await scene.WriteConfigMapAsync("more/b.yaml", "b", "'1'");
        var commit = await scene.PushAsync("Two applications");
        await PutAsync("app", "one: x, both: x");
        await scene.SyncedAsync("app", commit);
        await PutAsync("more", "two: y, both: x");
        await scene.SyncedAsync("more", commit);
        Assert.Equal(("x", "y", "x"), await MarksAsync());

        // What one of them does not want any more goes, and only that.
        await PutAsync("app", "both: x");
        var sync = await scene.Rest.CommandAsync(scene.Of("app"), "sync");
        Assert.Equal((OperationPhase.Succeeded, "nothing to change"), (sync.Phase, sync.Message));
        await Eventually.TrueAsync(async () => (await MarksAsync()).One is null, "the label that is wanted no more gone");
        Assert.Equal((null, "y", "x"), await MarksAsync());

        Task PutAsync(string application, string labels) => scene.PutApplicationAsync(
            application, space: space, sync: $", options: [CreateNamespace=true], managedNamespaceMetadata: {{labels: {{{labels}}} }}");

        async Task<(string? One, string? Two, string? Both)> MarksAsync()
        {
            var live = await scene.Server.Client.GetJsonAsync($"/api/v1/namespaces/{space}");
            return (live.Mark("labels", "one"), live.Mark("labels", "two"), live.Mark("labels", "both"));
        }
    }

    [Fact]
    public async Task Suspend_WhileAHookRuns_LetsItEndAndAppliesNothing()
    {
        var scene = await fleet.NewSceneAsync();
        await using var pods = await PodStandIn.StartAsync(scene.Server.Client, scene.Name, "migrate");
        await scene.Work.WriteAsync("app/all.yaml", Job("migrate", Hook("PreSync"), "run: migrate") + ConfigMap("first", "1"));
        var commit = await scene.PushAsync("A long migration");
        await scene.PutApplicationAsync(App);
        await Eventually.TrueAsync(async () => await scene.Server.Client.FindJsonAsync($"/apis/batch/v1/namespaces/{scene.Name}/jobs/migrate") is not null, "the Job");

        await scene.Rest.CommandAsync(scene.Of(App), "suspend");
        await pods.LetGoAsync("migrate");
        var ended = await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation!, operation => operation.Phase == OperationPhase.Failed, "the end of the sync");
        Assert.Equal("suspended", ended.Message);
        Assert.Null(await scene.FindAsync("first"));

        await scene.Rest.CommandAsync(scene.Of(App), "resume");
        await scene.SyncedAsync(App, commit);
        Assert.NotNull(await scene.FindAsync("first"));
    }

    private async Task<Scene> StartAsync(string prune, params string[] manifests)
    {
        var scene = await fleet.NewSceneAsync();
        for (var index = 0; index < manifests.Length; index++) await scene.Work.WriteAsync($"app/{index}.yaml", manifests[index]);
        var commit = await scene.PushAsync("All of it");
        await scene.PutApplicationAsync(App, prune: prune);
        await scene.SyncedAsync(App, commit);
        return scene;
    }
}
