using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>An object that moves from one application to another in one commit is never deleted, whatever the other one is up to.</summary>
public sealed class HandOverTests(SharedFleet fleet)
{
    [Fact]
    public async Task OtherApplicationIsSuspended_ObjectWaitsForItUntouched()
    {
        var scene = await BeginAsync();
        await scene.PutApplicationAsync("other");
        await scene.SyncedAsync("other", await scene.Work.HeadAsync());
        await scene.Rest.CommandAsync(scene.Of("other"), "suspend");
        var before = await scene.FindLiveAsync("moves");
        await scene.Work.MoveAsync("app/moves.yaml", "other/moves.yaml");
        var commit = await scene.PushAsync("Move it", "app", "other");
        await scene.SyncedAsync("app", commit);
        Assert.Equal(before, await scene.FindLiveAsync("moves"));

        await scene.Rest.CommandAsync(scene.Of("other"), "resume");
        await scene.SyncedAsync("other", commit);
        Assert.Equal(before.Uid, (await scene.FindLiveAsync("moves")).Uid);
        Assert.Equal($"default/{scene.Of("other")}", await OwnerAsync(scene));
    }

    [Fact]
    public async Task OtherApplicationIsOfAnotherProject_TakesItOver()
    {
        var scene = await BeginAsync();
        var project = $"{scene.Name}-p";
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Project
            metadata: {name: {{project}}}
            spec: {}
            ---
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: "{{scene.Of("other")}}"}
            spec:
              project: {{project}}
              source: {repository: {{scene.Name}}, ref: main, path: other}
              destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}}}
              sync: {automated: true, prune: true, selfHeal: true}
            """);
        var path = $"applications/{project}/{scene.Of("other")}";
        await SyncedAsync(scene, path, await scene.Work.HeadAsync());
        var before = await scene.FindLiveAsync("moves");
        await scene.Work.MoveAsync("app/moves.yaml", "other/moves.yaml");
        var commit = await scene.PushAsync("Move it", "app");
        await scene.SyncedAsync("app", commit);
        await SyncedAsync(scene, path, commit);
        Assert.Equal(before.Uid, (await scene.FindLiveAsync("moves")).Uid);
        Assert.Equal($"{project}/{scene.Of("other")}", await OwnerAsync(scene));
    }

    [Fact]
    public async Task FirstApplicationIsDeletedWithItsObjects_WhatTheOtherDesiresStays()
    {
        var scene = await BeginAsync();
        await scene.PutApplicationAsync("other");
        await scene.SyncedAsync("other", await scene.Work.HeadAsync());
        var before = await scene.FindLiveAsync("moves");
        await scene.Work.WriteAsync("other/moves.yaml", Scene.ConfigMap("moves", "one"));
        await scene.PushAsync("Both want it", "other");
        await scene.ConditionAsync("other", "SharedObject");
        await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of("app")}?cascade=foreground");
        await Eventually.TrueAsync(async () => await scene.FindAsync("stays") is null, "the objects of the first application gone");
        await scene.SyncedAsync("other", await scene.Work.HeadAsync());
        Assert.Equal(before.Uid, (await scene.FindLiveAsync("moves")).Uid);
        Assert.Equal($"default/{scene.Of("other")}", await OwnerAsync(scene));
    }

    /// <summary>What is not applied stands in Git all the same, and the other's version of it may be served tomorrow.</summary>
    [Fact]
    public async Task OtherApplicationHasItInAVersionThatIsNotServed_ObjectStaysUntilItIsApplied()
    {
        var scene = await BeginAsync();
        await scene.Work.WriteAsync("app/budget.yaml", Budget("policy/v1beta1"));
        await scene.SyncedAsync("app", await scene.PushAsync("A budget", "app"));
        await scene.PutApplicationAsync("other");
        await scene.SyncedAsync("other", await scene.Work.HeadAsync());
        var path = $"/apis/policy/v1beta1/namespaces/{scene.Name}/poddisruptionbudgets/budget";
        var uid = (await scene.Server.Client.GetJsonAsync(path)).GetProperty("metadata").GetProperty("uid").GetString();

        await scene.Work.DeleteAsync("app/budget.yaml");
        await scene.Work.WriteAsync("other/budget.yaml", Budget("policy/v9"));
        await scene.PushAsync("Move it, into a version of tomorrow", "other", "app");
        var held = await scene.ConditionAsync("app", "PruneHeld");
        Assert.StartsWith($"{scene.Cluster}: it stands in the manifests of the application default/{scene.Of("other")}, which does not apply it now", held.Message, StringComparison.Ordinal);

        await scene.Work.WriteAsync("other/budget.yaml", Budget("policy/v1beta1"));
        var commit = await scene.PushAsync("Into one of today", "other", "app");
        await scene.SyncedAsync("other", commit);
        await scene.SyncedAsync("app", commit);
        Assert.Equal(uid, (await scene.Server.Client.GetJsonAsync(path)).GetProperty("metadata").GetProperty("uid").GetString());

        static string Budget(string version) => $"{{apiVersion: {version}, kind: PodDisruptionBudget, metadata: {{name: budget}}, spec: {{minAvailable: 1, selector: {{matchLabels: {{a: b}}}}}}}}\n";
    }

    private async Task<Scene> BeginAsync()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/stays.yaml", "stays", "one");
        await scene.WriteConfigMapAsync("app/moves.yaml", "moves", "one");
        await scene.WriteConfigMapAsync("other/own.yaml", "own", "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync("app");
        await scene.SyncedAsync("app", commit);
        return scene;
    }

    private static async Task SyncedAsync(Scene scene, string path, string commit) => await Eventually.GetAsync(
        async () => (await scene.Rest.GetAsync<ApplicationView>(path)).Status, status => status.Sync == "Synced" && status.Revision == commit, $"{path} synced");

    /// <summary>project/application that the object's annotation names.</summary>
    private static async Task<string> OwnerAsync(Scene scene)
    {
        var live = await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("moves"));
        var target = live.GetProperty("metadata").GetProperty("annotations").GetProperty("gitopsgrains.io/target").GetString()!;
        return string.Join('/', target.Split(':')[0].Split('/')[1..]);
    }
}
