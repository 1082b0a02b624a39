using GitOpsGrains.EndToEnd.Tests.InProcess;

namespace GitOpsGrains.EndToEnd.Tests.Adopting;

/// <summary>A path that left Git and that somebody else applied too: said, with his name, for as long as he keeps it.</summary>
public sealed class KeptTests(SharedFleet fleet)
{
    private const string App = "app";
    private const string Keeper = "operator";

    [Fact]
    public async Task DroppedKey_ThatAnotherManagerAppliedToo_IsSaidUntilHeLetsGo()
    {
        var scene = await BeginAsync("""{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}, data: {key: one, both: x} }""");
        var path = scene.ConfigMapPath("shared");
        await scene.Server.Client.ApplyAsync(path, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"shared"},"data":{"both":"x","theirs":"y"}}""", Keeper);

        var commit = await ChangeAsync(scene, """{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}, data: {key: one} }""");
        await KeptAsync(scene, scene.IdOf("shared"), ".data.both");
        // Another commit changes nothing about it.
        await scene.WriteConfigMapAsync("app/other.yaml", "other", "more");
        commit = await scene.PushAsync("Add another", App);
        await KeptAsync(scene, scene.IdOf("shared"), ".data.both", commit);

        await scene.Server.Client.ApplyAsync(path, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"shared"},"data":{"theirs":"y"}}""", Keeper);
        await SyncedAsync(scene, commit);
        Assert.Equal("""{"key":"one","theirs":"y"}""", (await scene.Server.Client.GetJsonAsync(path)).GetProperty("data").ToString());
    }

    [Fact]
    public async Task DroppedLabel_ThatAnotherManagerAppliedToo_IsSaidUntilHeLetsGo()
    {
        var scene = await BeginAsync(Deployment("app: web, both: x"));
        var path = $"/apis/apps/v1/namespaces/{scene.Name}/deployments/web";
        await scene.Server.Client.ApplyAsync(path, """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"both":"x"}}}""", Keeper);

        var commit = await ChangeAsync(scene, Deployment("app: web"));
        await KeptAsync(scene, $"apps/Deployment:{scene.Name}/web", ".metadata.labels.both");

        await scene.Server.Client.ApplyAsync(path, """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"}}""", Keeper);
        await SyncedAsync(scene, commit);
        Assert.Null((await scene.Server.Client.GetJsonAsync(path)).Mark("labels", "both"));
    }

    private static string Deployment(string labels) => $$"""
        {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: { {{labels}} } }, spec: {replicas: 0, selector: {matchLabels: {app: web} },
         template: {metadata: {labels: {app: web} }, spec: {containers: [{name: web, image: registry.example.com/web:1}]} } } }
        """;

    private async Task<Scene> BeginAsync(string manifest)
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("app/x.yaml", manifest);
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    private static async Task<string> ChangeAsync(Scene scene, string manifest)
    {
        await scene.Work.WriteAsync("app/x.yaml", manifest);
        return await scene.PushAsync("Drop it", App);
    }

    private static async Task KeptAsync(Scene scene, string id, string path, string? commit = null)
    {
        await scene.ConditionsAsync(App, new Documents.Rest.ConditionView
        {
            Type = "KeptByOther",
            Object = id,
            Message = $"{scene.Cluster}: {path} left Git but is kept by {Keeper}",
        });
        var view = await Testing.Eventually.GetAsync(() => scene.GetAsync(App), view => commit is null || view.Status.Revision == commit, "the commit");
        Assert.Equal("OutOfSync", view.Status.Sync);
        var item = (await scene.GetTargetAsync(App)).Objects!.Single(item => item.Id == id);
        Assert.Equal(("OutOfSync", $"{path} left Git but is kept by {Keeper}"), (item.Sync, item.Message));
    }

    private static async Task SyncedAsync(Scene scene, string commit)
    {
        await scene.SyncedAsync(App, commit);
        await scene.ConditionsAsync(App);
        Assert.All((await scene.GetTargetAsync(App)).Objects!, item => Assert.Equal(("Synced", null), (item.Sync, item.Message)));
    }
}
