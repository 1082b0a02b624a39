using System.Net;
using System.Text.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Health;

/// <summary>Health and actions by scripts, from the file to the answer of the API.</summary>
public sealed class ScriptTests(ScriptedFleet fleet) : IClassFixture<ScriptedFleet>
{
    private const string App = "app";
    private const string Ignored = ", annotations: {argocd.argoproj.io/ignore-healthcheck: \"true\"}";

    [Fact]
    public async Task Health_OfAScript_IsTheObjectsAndCountsUnlessIgnored()
    {
        var scene = await SyncedSceneAsync(first: "ready", second: "paused");

        var view = await scene.GetTargetAsync(App);
        Assert.Equal([("first", "Healthy", "it is ready"), ("plain", null, null), ("second", "Suspended", "it is paused")],
            view.Objects!.Select(item => (item.Name, item.Health, item.HealthMessage)));
        Assert.Equal("Healthy", view.Health);

        await WriteAsync(scene, "first", "paused");
        await scene.SyncedAsync(App, await scene.PushAsync("Pause the first", App));
        Assert.Equal("Suspended", (await scene.GetTargetAsync(App)).Health);
    }

    [Fact]
    public async Task Health_OfAScriptThatLoops_IsUnknownAndHoldsUpNobody()
    {
        var scene = await SyncedSceneAsync(first: "ready", second: "ready");

        // Not Git's doing: the watch alone shows it, and the heal puts it right.
        await scene.Rest.CommandAsync(scene.Of(App), "suspend");
        await scene.Server.Client.PatchAsync(PathOf(scene, "first"), """{"data":{"state":"loop"} }""");

        var view = await Eventually.GetAsync(() => scene.GetTargetAsync(App), view => view.Health == "Unknown", "the health is unknown");
        Assert.Equal("resource.customizations.health.ConfigMap: it was stopped after 2000000 instructions", view.Objects![0].HealthMessage);
        Assert.Equal("Healthy", view.Objects[2].Health);
    }

    [Fact]
    public async Task Action_OnAnObject_WritesWhatItChanged()
    {
        var scene = await SyncedSceneAsync(first: "ready", second: "paused");

        Assert.Equal(["fail", "mark", "steal", "wake (disabled)"], await ActionsAsync(scene, "first"));
        Assert.Equal(["fail", "mark", "steal", "wake"], await ActionsAsync(scene, "second"));
        var done = await RunAsync(scene, "first", "mark");

        Assert.Equal((OperationPhase.Succeeded, $"mark done on ConfigMap {scene.Name}/first"), (done.Phase, done.Message));
        var live = await scene.Server.Client.GetJsonAsync(PathOf(scene, "first"));
        Assert.Equal("yes", live.GetProperty("metadata").GetProperty("annotations").GetProperty("example.com/marked").GetString());
        Assert.Equal($"mark changes nothing of ConfigMap {scene.Name}/first", (await RunAsync(scene, "first", "mark")).Message);
    }

    [Theory]
    [InlineData("first", "wake", HttpStatusCode.Conflict, "the action wake is disabled for ConfigMap {0}/first in its present state")]
    [InlineData("first", "unknown", HttpStatusCode.NotFound, "ConfigMap {0}/first has no action unknown")]
    [InlineData("first", "steal", HttpStatusCode.Conflict, "steal on ConfigMap {0}/first: the action changes /metadata/annotations/gitopsgrains.io~1target, which no action may")]
    [InlineData("first", "fail", HttpStatusCode.Conflict, "resource.customizations.actions.ConfigMap: the action fail: fail/action.lua:1: attempt to index a nil value (field 'nothing')")]
    [InlineData("foreign", "mark", HttpStatusCode.NotFound, "ConfigMap {0}/foreign is no object of this application on cluster scripted")]
    public async Task Action_ThatMayNotBe_IsRefusedAndWritesNothing(string name, string action, HttpStatusCode status, string message)
    {
        var scene = await SyncedSceneAsync(first: "ready", second: "ready");
        await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"foreign"},"data":{"state":"paused"} }""");
        var before = await VersionAsync(scene, name);

        var refused = await Assert.ThrowsAsync<RestException>(() => RunAsync(scene, name, action));

        Assert.Equal((status, string.Format(System.Globalization.CultureInfo.InvariantCulture, message, scene.Name)), (refused.Status, refused.Problem.Detail));
        Assert.Equal(before, await VersionAsync(scene, name));
    }

    private async Task<Scene> SyncedSceneAsync(string first, string second)
    {
        var scene = await fleet.NewSceneAsync();
        await WriteAsync(scene, "first", first);
        await WriteAsync(scene, "second", second, Ignored);
        await scene.WriteConfigMapAsync("app/plain.yaml", "plain", "x");
        var commit = await scene.PushAsync("Three ConfigMaps");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    private static Task WriteAsync(Scene scene, string name, string state, string more = "") =>
        scene.Work.WriteAsync($"app/{name}.yaml", $$"""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: {{name}}{{more}}}
            data: {state: {{state}}}
            """);

    private static async Task<string[]> ActionsAsync(Scene scene, string name)
    {
        var id = Uri.EscapeDataString($"/ConfigMap:{scene.Name}/{name}");
        var list = await scene.Rest.GetAsync<ListView<ActionView>>($"applications/default/{scene.Of(App)}/actions?cluster={scene.Cluster}&object={id}");
        return [.. list.Items.Select(action => action.Disabled ? $"{action.Name} (disabled)" : action.Name)];
    }

    private static Task<OperationView> RunAsync(Scene scene, string name, string action) => scene.Rest.CommandAsync(scene.Of(App), "action",
        JsonSerializer.Serialize(new { cluster = scene.Cluster, @object = $"/ConfigMap:{scene.Name}/{name}", action }));

    private static async Task<string?> VersionAsync(Scene scene, string name) =>
        (await scene.Server.Client.GetJsonAsync(PathOf(scene, name))).GetProperty("metadata").GetProperty("resourceVersion").GetString();

    private static string PathOf(Scene scene, string name) => $"/api/v1/namespaces/{scene.Name}/configmaps/{name}";
}
