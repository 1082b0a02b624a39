using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What a person asks of one sync: selected objects, dry runs, going on after errors, approving some prunes.</summary>
public abstract class OrderedSyncTests(ISceneMaker fleet)
{
    private const string App = "app";

    [Fact]
    public async Task DryRun_ListsWhatWouldBeDone_AndWritesNothing()
    {
        var scene = await StartAsync("one", "two", "old");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        await scene.WriteConfigMapAsync("app/new.yaml", "new", "first");
        await scene.Work.DeleteAsync("app/old.yaml");
        await scene.PushAsync("Second", App);

        var operation = await scene.Rest.CommandAsync(scene.Of(App), "sync", """{"dryRun": true, "prune": true}""");

        Assert.Equal(OperationPhase.Succeeded, operation.Phase);
        Assert.Equal(
            [Line(scene, "new", "Created"), Line(scene, "old", "Pruned"), Line(scene, "one", "Configured")],
            operation.Objects!.OrderBy(item => item.Object, StringComparer.Ordinal));
        Assert.Equal(["first", "first", "first"], [(await scene.FindLiveAsync("one")).Value, (await scene.FindLiveAsync("two")).Value, (await scene.FindLiveAsync("old")).Value]);
        Assert.Null(await scene.FindAsync("new"));
    }

    [Fact]
    public async Task Sync_AskedForWhileAnotherPassIsUnderWay_IsCarriedOut()
    {
        var scene = await StartAsync("one");
        for (var round = 1; round <= 10; round++)
        {
            // A changed document begins a pass.
            await scene.PutApplicationAsync(App, sync: $", healthTimeout: {round}m");

            var operation = await scene.Rest.CommandAsync(scene.Of(App), "sync");

            Assert.Equal((OperationPhase.Succeeded, "nothing to change"), (operation.Phase, operation.Message));
        }
    }

    [Fact]
    public async Task Objects_AreSyncedAndNothingElseIs()
    {
        var scene = await StartAsync("one", "two", "old");
        foreach (var name in new[] { "one", "two" }) await scene.WriteConfigMapAsync($"app/{name}.yaml", name, "second");
        await scene.Work.DeleteAsync("app/old.yaml");
        await scene.PushAsync("Second", App);

        var operation = await scene.Rest.CommandAsync(scene.Of(App), "sync", """{"objects": ["ConfigMap/one"]}""");

        Assert.Equal([Line(scene, "one", "Configured")], operation.Objects!);
        Assert.Equal(("second", "first", "first"), ((await scene.FindLiveAsync("one")).Value, (await scene.FindLiveAsync("two")).Value, (await scene.FindLiveAsync("old")).Value));
        Assert.Equal("OutOfSync", (await scene.GetAsync(App)).Status.Sync);
    }

    [Fact]
    public async Task Objects_WithPrune_DeletesOnlyTheSelectedOne()
    {
        var scene = await StartAsync("one", "old", "older");
        foreach (var name in new[] { "old", "older" }) await scene.Work.DeleteAsync($"app/{name}.yaml");
        await scene.PushAsync("Second", App);

        var operation = await scene.Rest.CommandAsync(scene.Of(App), "sync", $$"""{"objects": ["{{scene.IdOf("old")}}"], "prune": true}""");

        Assert.Equal([Line(scene, "old", "Pruned")], operation.Objects!);
        Assert.Null(await scene.FindAsync("old"));
        Assert.Equal("first", (await scene.FindLiveAsync("older")).Value);
    }

    [Fact]
    public async Task Sync_ThatFails_NamesTheObjectsThatAreRefused()
    {
        var scene = await StartAsync("one", "two");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        await scene.Work.WriteAsync("app/bad.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: bad}, data: {key: [not, text]}}\n");
        await scene.PushAsync("Second", App);

        var operation = await scene.Rest.CommandAsync(scene.Of(App), "sync");

        Assert.Equal(OperationPhase.Failed, operation.Phase);
        var failed = operation.Objects!.Single(item => item.Action == "Failed");
        Assert.Equal((scene.IdOf("bad"), scene.Cluster), (failed.Object, failed.Cluster));
        Assert.NotEqual("", failed.Message ?? "");
    }

    [Fact]
    public async Task Approve_OneOfTwoHeldPrunes_DeletesOnlyThatOne()
    {
        var scene = await StartAsync("one");
        foreach (var name in new[] { "a", "b" })
            await scene.Work.WriteAsync($"app/{name}.yaml", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {scene.Name}-{name}}}}}\n");
        await scene.PushAsync("Namespaces", App);
        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync")).Phase);
        foreach (var name in new[] { "a", "b" }) await scene.Work.DeleteAsync($"app/{name}.yaml");
        await scene.PushAsync("Gone", App);
        var held = await scene.Rest.CommandAsync(scene.Of(App), "sync", """{"prune": true}""");
        Assert.Equal([$"/Namespace:/{scene.Name}-a", $"/Namespace:/{scene.Name}-b"], held.Objects!.Where(item => item.Action == "Held").Select(item => item.Object).Order(StringComparer.Ordinal));

        var answer = await scene.Rest.SendAsync<OperationView>(HttpMethod.Post, $"applications/default/{scene.Of(App)}:approve", $$"""{"objects": ["Namespace/{{scene.Name}}-a"]}""", "application/json");

        Assert.Equal($"/Namespace:/{scene.Name}-a", Assert.Single(answer.Objects!).Object);
        await Eventually.TrueAsync(
            async () => await scene.Kube.FindJsonAsync($"/api/v1/namespaces/{scene.Name}-a") is not { } live || live.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _), "the approved one deleted");
        var other = await scene.Kube.FindJsonAsync($"/api/v1/namespaces/{scene.Name}-b");
        Assert.False(other!.Value.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _));
    }

    /// <summary>An application that does nothing by itself, synced with these ConfigMaps.</summary>
    private async Task<Scene> StartAsync(params string[] names)
    {
        var scene = await fleet.NewSceneAsync();
        foreach (var name in names) await scene.WriteConfigMapAsync($"app/{name}.yaml", name, "first");
        var commit = await scene.PushAsync("First");
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: "{{scene.Of(App)}}"}
            spec:
              source: {repository: {{scene.Name}}, ref: main, path: app}
              destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}}}
              sync: {retry: {limit: 0} }
            """);
        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync")).Phase);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    private static OperationObjectView Line(Scene scene, string configMap, string action) => new() { Object = scene.IdOf(configMap), Cluster = scene.Cluster, Action = action };
}

public sealed class OrderedSyncOnRealServerTests(SharedFleet fleet) : OrderedSyncTests(fleet);

public sealed class OrderedSyncOnSimulationTests(SharedFleet fleet) : OrderedSyncTests(fleet.Simulated);
