using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>What may not be deleted, on a real server: every guard holds its object, says why, and lets go only of what it should.</summary>
public sealed class PruneGuardTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task MoreThanTheBudget_IsHeldUntilItIsApproved()
    {
        var scene = await BeginAsync(14);
        foreach (var index in Enumerable.Range(2, 12)) await scene.Work.DeleteAsync(FileOf(index));
        var commit = await scene.PushAsync("Remove most", App);
        await scene.ConditionsAsync(App, [.. Enumerable.Range(2, 12).Select(index => scene.IdOf(NameOf(index))).OrderDescending(StringComparer.Ordinal).Select(id =>
            Held(scene, id, $"12 of 14 objects would be deleted, more than 10 and more than 30 %; approve it with: gitopsctl app approve default/{scene.Of(App)}"))]);
        Assert.Equal("OutOfSync", (await scene.GetAsync(App)).Status.Sync);
        foreach (var index in Enumerable.Range(0, 14)) Assert.NotNull(await scene.FindAsync(NameOf(index)));

        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "approve")).Phase);
        await scene.SyncedAsync(App, commit);
        foreach (var index in Enumerable.Range(2, 12)) Assert.Null(await scene.FindAsync(NameOf(index)));
        foreach (var index in Enumerable.Range(0, 2)) Assert.NotNull(await scene.FindAsync(NameOf(index)));
    }

    [Fact]
    public async Task ManyButAFewPercent_IsWithinTheBudget()
    {
        var scene = await BeginAsync(37);
        foreach (var index in Enumerable.Range(0, 11)) await scene.Work.DeleteAsync(FileOf(index));
        await scene.SyncedAsync(App, await scene.PushAsync("Remove eleven", App));
        foreach (var index in Enumerable.Range(0, 11)) Assert.Null(await scene.FindAsync(NameOf(index)));
    }

    [Fact]
    public async Task KindsThatHoldData_AreHeldUntilTheyAreApproved()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("app/x.yaml", $$"""
            {apiVersion: v1, kind: Namespace, metadata: {name: {{scene.Name}}-extra} }
            ---
            {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: disk}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi} } } }
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.{{scene.Name}}.example.com}
            spec:
              group: {{scene.Name}}.example.com
              names: {kind: Widget, plural: widgets}
              scope: Namespaced
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object} } }]
            """);
        await scene.WriteConfigMapAsync("app/c.yaml", "stays", "one");
        var begin = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, begin);
        await scene.Work.DeleteAsync("app/x.yaml");
        var commit = await scene.PushAsync("Remove", App);
        string[] ids = [$"/PersistentVolumeClaim:{scene.Name}/disk", $"apiextensions.k8s.io/CustomResourceDefinition:/widgets.{scene.Name}.example.com", $"/Namespace:/{scene.Name}-extra"];
        await Eventually.TrueAsync(async () => (await scene.GetAsync(App)).Status.Conditions.Count == 3, "three held objects");
        var conditions = (await scene.GetAsync(App)).Status.Conditions.Select(condition => condition with { Since = default });
        Assert.Equal(
            ids.Select(id => Held(scene, id, $"deleting a {id.Split('/')[1].Split(':')[0]} asks for approval; approve it with: gitopsctl app approve default/{scene.Of(App)}")).OrderBy(held => held.Object),
            conditions.OrderBy(held => held.Object));
        string[] paths = [$"/api/v1/namespaces/{scene.Name}/persistentvolumeclaims/disk", $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{scene.Name}.example.com", $"/api/v1/namespaces/{scene.Name}-extra"];
        foreach (var path in paths) Assert.False((await scene.Server.Client.GetJsonAsync(path)).GetProperty("metadata").TryGetProperty("deletionTimestamp", out _));

        await scene.Rest.CommandAsync(scene.Of(App), "approve");
        await scene.SyncedAsync(App, commit);
        foreach (var path in paths) Assert.Null(await scene.Server.Client.FindJsonAsync(path));
    }

    [Theory]
    [InlineData("argocd.argoproj.io/sync-options: Prune=false", "its annotation says sync-options: Prune=false")]
    [InlineData("gitopsgrains.io/sync-options: 'A=b,Delete=false'", "its annotation says sync-options: Delete=false")]
    [InlineData("helm.sh/resource-policy: keep", "its annotation says helm.sh/resource-policy: keep")]
    [InlineData("kustomize.toolkit.fluxcd.io/prune: disabled", "its annotation says kustomize.toolkit.fluxcd.io/prune: disabled")]
    public async Task AnnotationThatKeeps_KeepsUntilItIsTakenOff(string annotation, string reason)
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("app/x.yaml", Scene.ConfigMap("kept", "one", $", annotations: {{{annotation}}}"));
        var before = await RemoveAsync(scene, "kept");
        await Eventually.GetAsync(async () => (await ObjectAsync(scene, "kept")).Message, told => told == reason, reason);
        Assert.Equal("Skipped", (await ObjectAsync(scene, "kept")).Action);
        Assert.Equal(before, await scene.FindLiveAsync("kept"));
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("kept"), $$$"""{"metadata":{"annotations":{"{{{annotation.Split(':')[0]}}}":null} } }""");
        await scene.Rest.CommandAsync(scene.Of(App), "sync");
        await scene.SyncedAsync(App, await scene.Work.HeadAsync());
        Assert.Null(await scene.FindAsync("kept"));
    }

    [Fact]
    public async Task ObjectOfAnotherTarget_IsLeftToIt()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/x.yaml", "taken", "one");
        var before = await RemoveAsync(scene, "taken", () => scene.Server.Client.PatchAsync(scene.ConfigMapPath("taken"),
            $$$"""{"metadata":{"annotations":{"gitopsgrains.io/target":"default/other/app:/ConfigMap:{{{scene.Name}}}/taken"} } }"""));
        await scene.SyncedAsync(App, await scene.Work.HeadAsync());
        Assert.Equal(before, await scene.FindLiveAsync("taken"));
        Assert.Contains(await LastSyncAsync(scene), done => done is { Action: "HandedOver", Message: "default/other/app has it now" } && done.Object == scene.IdOf("taken"));
    }

    [Fact]
    public async Task ObjectWithoutOurAnnotation_IsLeftAlone()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/x.yaml", "adopted", "one");
        var before = await RemoveAsync(scene, "adopted", () => scene.Server.Client.PatchAsync(scene.ConfigMapPath("adopted"),
            """{"metadata":{"annotations":{"gitopsgrains.io/target":null}}}"""));
        await scene.SyncedAsync(App, await scene.Work.HeadAsync());
        Assert.Equal(before, await scene.FindLiveAsync("adopted"));
        Assert.Contains(await LastSyncAsync(scene), done => done.Action == "Skipped" && done.Message == "it does not carry gitopsgrains.io/target for this target");
    }

    [Fact]
    public async Task ObjectMadeAnewBySomebodyElse_IsLeftAlone()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/x.yaml", "anew", "one");
        var before = await RemoveAsync(scene, "anew", async () =>
        {
            var metadata = (await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("anew"))).GetProperty("metadata");
            await scene.Server.Client.DeleteAsync(scene.ConfigMapPath("anew"));
            await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/configmaps",
                $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"anew","labels":{{{metadata.GetProperty("labels")}}},"annotations":{{{metadata.GetProperty("annotations")}}}},"data":{"key":"theirs"}}""");
        });
        await scene.SyncedAsync(App, await scene.Work.HeadAsync());
        Assert.Equal(before, await scene.FindLiveAsync("anew"));
        Assert.Contains(await LastSyncAsync(scene), done => done.Action == "Skipped" && done.Message == "it was deleted and made again by somebody else");
    }

    [Fact]
    public async Task NeighbourOfTheSameCommitCannotBeRendered_HoldsPrunesUntilItCan()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        await scene.WriteConfigMapAsync("good/d.yaml", "moves", "one");
        await scene.SyncedAsync(BadCommit.Other, await scene.PushAsync("Add", BadCommit.Other));
        var before = await scene.FindLiveAsync("moves");

        // The object moves to the other application, in a commit that breaks that one's render.
        await scene.Work.MoveAsync("good/d.yaml", "bad/d.yaml");
        await scene.Work.WriteAsync("bad/x.yaml", "kind: [");
        await scene.PushAsync("Move it and break", BadCommit.Other);
        await scene.ConditionsAsync(BadCommit.Other, Held(scene, scene.IdOf("moves"), $"not all applications of the commit are rendered yet (default/{scene.Of(BadCommit.Application)})"));
        Assert.Equal(before, await scene.FindLiveAsync("moves"));

        await scene.Work.DeleteAsync("bad/x.yaml");
        var commit = await scene.PushAsync("Mend it", BadCommit.Application, BadCommit.Other);
        await scene.SyncedAsync(BadCommit.Application, commit);
        await scene.SyncedAsync(BadCommit.Other, commit);
        Assert.Equal(before.Uid, (await scene.FindLiveAsync("moves")).Uid);
    }

    [Fact]
    public async Task NamespaceMadeByTheOption_OutlivesTheApplication()
    {
        var scene = await fleet.NewSceneAsync();
        var space = $"{scene.Name}-made";
        await scene.WriteConfigMapAsync("app/c.yaml", "inside", "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App, space: space, sync: ", options: [CreateNamespace=true]");
        await scene.SyncedAsync(App, commit);
        var made = await scene.Server.Client.GetJsonAsync($"/api/v1/namespaces/{space}");
        Assert.False(made.GetProperty("metadata").TryGetProperty("annotations", out _));
        await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(App)}?cascade=foreground");
        await Eventually.TrueAsync(async () => await scene.Server.Client.FindJsonAsync($"/api/v1/namespaces/{space}/configmaps/inside") is null, "the object deleted");
        await Eventually.TrueAsync(async () => (await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of(App)}")).Problem is { Status: 404 }, "the application gone");
        Assert.Equal(LiveConfigMap.Of(made).Uid, LiveConfigMap.Of(await scene.Server.Client.GetJsonAsync($"/api/v1/namespaces/{space}")).Uid);
    }

    [Fact]
    public async Task ObjectOfAnotherInstallation_IsNeitherWrittenNorPruned()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/configmaps", $$$"""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"theirs","labels":{"gitopsgrains.io/managed":"true"},
             "annotations":{"gitopsgrains.io/target":"elsewhere/default/web:/ConfigMap:{{{scene.Name}}}/theirs"} },"data":{"key":"theirs"} }
            """);
        var before = await scene.FindLiveAsync("theirs");
        await scene.WriteConfigMapAsync("app/c.yaml", "theirs", "ours");
        await scene.WriteConfigMapAsync("app/d.yaml", "ours", "ours");
        await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        var condition = await scene.ConditionAsync(App, "PreflightFailed");
        Assert.Equal(new ConditionView
        {
            Type = "PreflightFailed",
            File = "c.yaml",
            Document = 0,
            Object = scene.IdOf("theirs"),
            Message = $"{scene.Cluster}: belongs to the installation 'elsewhere' (application default/web); it is left alone",
        }, condition);
        Assert.Null(await scene.FindAsync("ours"));
        await scene.Work.DeleteAsync("app/c.yaml");
        await scene.SyncedAsync(App, await scene.PushAsync("Give it up", App));
        Assert.Equal(before, await scene.FindLiveAsync("theirs"));
    }

    private async Task<Scene> BeginAsync(int objects)
    {
        var scene = await fleet.NewSceneAsync();
        foreach (var index in Enumerable.Range(0, objects)) await scene.WriteConfigMapAsync(FileOf(index), NameOf(index), "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    /// <summary>Syncs app/x.yaml and another object, lets somebody else act, and removes the file; returns the object as it was left before that.</summary>
    private static async Task<LiveConfigMap> RemoveAsync(Scene scene, string name, Func<Task>? meanwhile = null)
    {
        await scene.WriteConfigMapAsync("app/stays.yaml", "stays", "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App, selfHeal: false);
        await scene.SyncedAsync(App, commit);
        if (meanwhile is not null) await meanwhile();
        var before = await scene.FindLiveAsync(name);
        await scene.Work.DeleteAsync("app/x.yaml");
        await scene.PushAsync("Remove", App);
        return before;
    }

    private static async Task<ObjectView> ObjectAsync(Scene scene, string name) =>
        (await scene.GetTargetAsync(App)).Objects!.Single(item => item.Name == name);

    private static async Task<IReadOnlyList<HistoryObjectView>> LastSyncAsync(Scene scene) =>
        (await scene.HistoryAsync(App, await scene.Work.HeadAsync())).Objects;

    private static ConditionView Held(Scene scene, string id, string message) => new() { Type = "PruneHeld", Object = id, Message = $"{scene.Cluster}: {message}" };

    private static string FileOf(int index) => $"app/c{index:00}.yaml";

    private static string NameOf(int index) => $"c{index:00}";
}
