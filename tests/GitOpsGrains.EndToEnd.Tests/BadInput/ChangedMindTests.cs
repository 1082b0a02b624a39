using System.Net;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>Documents that are changed, taken back and made again: nothing of what was wanted before may linger.</summary>
public sealed class ChangedMindTests(SharedFleet fleet)
{
    private const string App = "app";
    private const string Other = "other";

    [Fact]
    public async Task Application_DeletedAndMadeAgain_HealsAsBefore()
    {
        var (scene, commit) = await BeginAsync();
        await DeleteAsync(scene, App);
        Assert.NotNull(await scene.FindAsync("one"));

        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"), """{"data":{"key":"by hand"}}""");

        await Eventually.TrueAsync(async () => (await scene.FindLiveAsync("one")).Value == "first", "the object as in Git again");
        await scene.Work.DeleteAsync("app/two.yaml");
        await scene.SyncedAsync(App, await scene.PushAsync("Remove one", App));
        Assert.Null(await scene.FindAsync("two"));
    }

    [Fact]
    public async Task Namespace_ChangedTogetherWithAPathThatFails_MovesNothing()
    {
        var (scene, commit) = await BeginAsync();
        var before = await scene.FindLiveAsync("one");
        await scene.Server.Client.CreateNamespaceAsync($"{scene.Name}-new");

        await scene.PutApplicationAsync(App, path: "nowhere", space: $"{scene.Name}-new");
        Assert.Contains("nowhere", (await scene.ConditionAsync(App, "PathMissing")).Message, StringComparison.Ordinal);
        await scene.Rest.CommandAsync(scene.Of(App), "refresh");

        Assert.Equal(before, await scene.FindLiveAsync("one"));
        Assert.Equal(HttpStatusCode.OK, (await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of(App)}")).Status);
        Assert.Null(await scene.Server.Client.FindJsonAsync($"/api/v1/namespaces/{scene.Name}-new/configmaps/one"));
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        Assert.Equal(before.Uid, (await scene.FindLiveAsync("one")).Uid);
    }

    [Fact]
    public async Task Application_ThatMovedToAnotherRepository_HoldsNoPruneOfItsOldOne()
    {
        var (scene, _) = await BeginAsync();
        await scene.WriteConfigMapAsync("other/three.yaml", "three", "first");
        await scene.WriteConfigMapAsync("other/four.yaml", "four", "first");
        var commit = await scene.PushAsync("Add another", App);
        await scene.PutApplicationAsync(Other);
        await scene.SyncedAsync(Other, commit);
        var second = await fleet.NewSceneAsync();
        await second.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var moved = await second.PushAsync("Begin elsewhere");
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: "{{scene.Of(App)}}"}
            spec:
              source: {repository: {{second.Name}}, ref: main, path: app}
              destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}}}
              sync: {automated: true, prune: true, selfHeal: true}
            """);
        await scene.SyncedAsync(App, moved);

        await scene.Work.DeleteAsync("other/four.yaml");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "for nobody");
        await scene.SyncedAsync(Other, await scene.PushAsync("Remove one", Other));

        Assert.Null(await scene.FindAsync("four"));
        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);
        await DeleteAsync(scene, Other);
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Rest.TrySendAsync(HttpMethod.Delete, $"repositories/{scene.Name}")).Status);
    }

    private static async Task DeleteAsync(Scene scene, string application)
    {
        await scene.Rest.TrySendAsync(HttpMethod.Delete, $"applications/default/{scene.Of(application)}");
        await Eventually.TrueAsync(
            async () => (await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of(application)}")).Status == HttpStatusCode.NotFound, "no application");
    }

    private async Task<(Scene Scene, string Commit)> BeginAsync()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await scene.WriteConfigMapAsync("app/two.yaml", "two", "first");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        return (scene, commit);
    }
}
