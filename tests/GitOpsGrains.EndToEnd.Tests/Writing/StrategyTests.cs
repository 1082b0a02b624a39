using System.Text.Json;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Writing;

/// <summary>How an annotation has an object written: replaced, made again, made once, merged, left alone.</summary>
public sealed class StrategyTests(SharedFleet fleet)
{
    private const string App = "app";
    private const string Replace = "argocd.argoproj.io/sync-options: Replace=true";
    private const string Force = "kustomize.toolkit.fluxcd.io/force: enabled";

    [Fact]
    public async Task Replace_OfAConfigMap_LeavesNothingOfOthersInItAndKeepsIt()
    {
        var scene = await BeginAsync(Config("one", Replace));
        var before = await scene.FindLiveAsync("thing");
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("thing"), """{"data":{"theirs":"x"},"metadata":{"labels":{"theirs":"x"}}}""", manager: "operator");

        await ChangeAsync(scene, Config("two", Replace));

        var after = await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("thing"));
        Assert.Equal(before.Uid, LiveConfigMap.Of(after).Uid);
        Assert.Equal("""{"key":"two"}""", after.GetProperty("data").ToString());
        // Labels of others are no content.
        Assert.Equal("x", after.Mark("labels", "theirs"));
    }

    [Fact]
    public async Task Replace_OfAnEditedObject_IsDriftThatIsPutBack()
    {
        var scene = await BeginAsync(Config("one", Replace));
        await ChangeAsync(scene, Config("two", Replace));

        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("thing"), """{"data":{"key":"rogue"}}""", manager: "operator");

        await Eventually.TrueAsync(async () => (await scene.FindAsync("thing"))?.Value == "two", "the value put back");
    }

    [Fact]
    public async Task Replace_OfAService_KeepsItsAddress()
    {
        var scene = await BeginAsync(Service(80, "app: web"));
        var path = $"/api/v1/namespaces/{scene.Name}/services/web";
        var before = await scene.Server.Client.GetJsonAsync(path);

        await ChangeAsync(scene, Service(81, "app: web2"));

        var after = await scene.Server.Client.GetJsonAsync(path);
        Assert.Equal(before.GetProperty("spec").GetProperty("clusterIP").GetString(), after.GetProperty("spec").GetProperty("clusterIP").GetString());
        Assert.Equal(before.Metadata("uid"), after.Metadata("uid"));
        Assert.Equal(81, after.GetProperty("spec").GetProperty("ports")[0].GetProperty("port").GetInt32());
    }

    [Theory]
    [InlineData("kustomize.toolkit.fluxcd.io/force: enabled")]
    [InlineData("argocd.argoproj.io/sync-options: Force=true")]
    [InlineData("gitopsgrains.io/force: enabled")]
    [InlineData("argocd.argoproj.io/sync-options: 'Force=true,Replace=true'")]
    public async Task Force_OnTheTemplateOfAJob_MakesItAgain(string annotation)
    {
        var scene = await BeginAsync(Job("one", annotation));
        var path = $"/apis/batch/v1/namespaces/{scene.Name}/jobs/work";
        var before = (await scene.Server.Client.GetJsonAsync(path)).Metadata("uid");

        await ChangeAsync(scene, Job("two", annotation));

        var after = await scene.Server.Client.GetJsonAsync(path);
        Assert.NotEqual(before, after.Metadata("uid"));
        Assert.Equal("registry.example.com/two:1", ImageOf(after));
    }

    [Fact]
    public async Task Force_OnTheSelectorOfADeployment_MakesItAgain()
    {
        var scene = await BeginAsync(Deployment("web", Force));
        var path = $"/apis/apps/v1/namespaces/{scene.Name}/deployments/web";
        var before = (await scene.Server.Client.GetJsonAsync(path)).Metadata("uid");

        await ChangeAsync(scene, Deployment("other", Force));

        var after = await scene.Server.Client.GetJsonAsync(path);
        Assert.NotEqual(before, after.Metadata("uid"));
        Assert.Equal("other", after.GetProperty("spec").GetProperty("selector").GetProperty("matchLabels").GetProperty("app").GetString());
    }

    [Fact]
    public async Task Force_OnAManifestThatCannotBeMadeAnew_DeletesNothing()
    {
        var scene = await BeginAsync(Job("one", Force));
        var path = $"/apis/batch/v1/namespaces/{scene.Name}/jobs/work";
        var before = (await scene.Server.Client.GetJsonAsync(path)).Metadata("uid");

        await RefusedAsync(scene, Job("two", Force).Replace("restartPolicy: Never", "restartPolicy: Sometimes", StringComparison.Ordinal), "restartPolicy");

        Assert.Equal(before, (await scene.Server.Client.GetJsonAsync(path)).Metadata("uid"));
    }

    [Fact]
    public async Task Force_OnAnObjectThatIsToBeKept_DeletesNothing()
    {
        const string Kept = Force + ", argocd.argoproj.io/sync-options: Prune=false";
        var scene = await BeginAsync(Job("one", Kept));
        var path = $"/apis/batch/v1/namespaces/{scene.Name}/jobs/work";
        var before = (await scene.Server.Client.GetJsonAsync(path)).Metadata("uid");

        await RefusedAsync(scene, Job("two", Kept), "its annotation says sync-options: Prune=false, so it is not deleted to be made again");

        Assert.Equal(before, (await scene.Server.Client.GetJsonAsync(path)).Metadata("uid"));
    }

    [Fact]
    public async Task IfNotPresent_OfAnObjectThatIsThere_LeavesItAlone()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"thing"},"data":{"key":"theirs"}}""");
        var before = await scene.FindLiveAsync("thing");

        await BeginAsync(scene, Config("ours", "kustomize.toolkit.fluxcd.io/ssa: IfNotPresent"));

        Assert.Equal(before, await scene.FindLiveAsync("thing"));
    }

    [Fact]
    public async Task IfNotPresent_OfAnObjectThatIsNotThere_MakesItOnce()
    {
        const string Once = "kustomize.toolkit.fluxcd.io/ssa: IfNotPresent";
        var scene = await BeginAsync(Config("one", Once));
        Assert.Equal("one", (await scene.FindLiveAsync("thing")).Value);
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("thing"), """{"data":{"key":"mine"}}""", manager: "operator");

        await ChangeAsync(scene, Config("two", Once));

        Assert.Equal("mine", (await scene.FindLiveAsync("thing")).Value);
    }

    [Theory]
    [InlineData("kustomize.toolkit.fluxcd.io/reconcile: disabled")]
    [InlineData("kustomize.toolkit.fluxcd.io/ssa: Ignore")]
    [InlineData("gitopsgrains.io/reconcile: disabled")]
    public async Task Ignore_InGit_NeitherMakesNorDeletes(string annotation)
    {
        var scene = await BeginAsync(Config("one", annotation));
        Assert.Null(await scene.FindAsync("thing"));
        var seen = Assert.Single((await scene.GetTargetAsync(App)).Objects!, item => item.Name == "thing");
        Assert.Equal(("Synced", "Skipped", annotation), (seen.Sync, seen.Action, seen.Message));

        await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"thing"},"data":{"key":"theirs"}}""");
        var theirs = await scene.FindLiveAsync("thing");
        await ChangeAsync(scene, Config("two", annotation));
        Assert.Equal(theirs, await scene.FindLiveAsync("thing"));
    }

    [Fact]
    public async Task Ignore_FromACommitOn_LeavesTheObjectAsItIs()
    {
        var scene = await BeginAsync(Config("one", "a: b"));
        var before = await scene.FindLiveAsync("thing");

        await ChangeAsync(scene, Config("two", "kustomize.toolkit.fluxcd.io/reconcile: disabled"));

        Assert.Equal(before, await scene.FindLiveAsync("thing"));
    }

    [Fact]
    public async Task Ignore_OnTheLiveObject_StopsWritesUntilItGoes()
    {
        var scene = await BeginAsync(Config("one", "a: b"));
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("thing"),
            """{"metadata":{"annotations":{"kustomize.toolkit.fluxcd.io/reconcile":"disabled"}},"data":{"key":"mine"}}""", manager: "kubectl-annotate");

        await ChangeAsync(scene, Config("two", "a: b"));
        Assert.Equal("mine", (await scene.FindLiveAsync("thing")).Value);

        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("thing"), """{"metadata":{"annotations":{"kustomize.toolkit.fluxcd.io/reconcile":null}}}""", manager: "kubectl-annotate");
        await Eventually.TrueAsync(async () => (await scene.FindAsync("thing"))?.Value == "two", "the object under Git again");
    }

    [Fact]
    public async Task Merge_BesideAnotherTool_LeavesWhatItOwns()
    {
        const string Merge = "kustomize.toolkit.fluxcd.io/ssa: Merge";
        var scene = await fleet.NewSceneAsync();
        await scene.Server.Client.ApplyAsync(scene.ConfigMapPath("thing"), """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"thing"},"data":{"theirs":"x","key":"theirs"}}""", "kubectl");

        await BeginAsync(scene, Config("one", Merge));
        Assert.Equal("""{"key":"one","theirs":"x"}""", (await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("thing"))).GetProperty("data").ToString());
        await ChangeAsync(scene, Config("two", Merge));

        Assert.Equal("""{"key":"two","theirs":"x"}""", (await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("thing"))).GetProperty("data").ToString());
    }

    private static string Config(string value, string annotation) => Scene.ConfigMap("thing", value, $", annotations: {{ {annotation} }}");

    private static string Service(int port, string selector) => $$"""
        {apiVersion: v1, kind: Service, metadata: {name: web, annotations: { {{Replace}} } }, spec: {selector: { {{selector}} }, ports: [{port: {{port}}, protocol: TCP}] } }
        """;

    private static string Job(string image, string annotation) => $$"""
        {apiVersion: batch/v1, kind: Job, metadata: {name: work, annotations: { {{annotation}} } },
         spec: {template: {spec: {restartPolicy: Never, containers: [{name: work, image: "registry.example.com/{{image}}:1"}] } } } }
        """;

    private static string Deployment(string label, string annotation) => $$"""
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: { {{annotation}} } }, spec: {replicas: 0, selector: {matchLabels: {app: {{label}} } },
         template: {metadata: {labels: {app: {{label}} } }, spec: {containers: [{name: web, image: registry.example.com/web:1}] } } } }
        """;

    private static string ImageOf(JsonElement live) =>
        live.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0].GetProperty("image").GetString()!;

    private async Task<Scene> BeginAsync(string manifest)
    {
        var scene = await fleet.NewSceneAsync();
        await BeginAsync(scene, manifest);
        return scene;
    }

    private static async Task BeginAsync(Scene scene, string manifest)
    {
        await scene.Work.WriteAsync("app/thing.yaml", manifest);
        await scene.WriteConfigMapAsync("app/other.yaml", "other", "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await SettledAsync(scene, commit);
    }

    private static async Task ChangeAsync(Scene scene, string manifest)
    {
        await scene.Work.WriteAsync("app/thing.yaml", manifest);
        await SettledAsync(scene, await scene.PushAsync("Change it", App));
    }

    /// <summary>Synced, and so after everything was looked at again by a sync that a person asked for.</summary>
    private static async Task SettledAsync(Scene scene, string commit)
    {
        await scene.SyncedAsync(App, commit);
        Assert.Equal(Documents.Rest.OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync")).Phase);
        await scene.SyncedAsync(App, commit);
    }

    private static async Task RefusedAsync(Scene scene, string manifest, string message)
    {
        await scene.Work.WriteAsync("app/thing.yaml", manifest);
        await scene.PushAsync("Break it", App);
        await Eventually.GetAsync(() => scene.GetAsync(App),
            view => view.Status.Conditions.Any(condition => condition.Message.Contains(message, StringComparison.Ordinal)), $"a condition that says: {message}");
    }
}
