using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Rendering;

/// <summary>A project that does not allow one of an application's clusters, on two real API servers.</summary>
public sealed class ProjectClusterTests(SharedFleet fleet)
{
    [Fact]
    public async Task ClusterThatTheProjectDoesNotAllow_KeepsWhatItHas_AndStopsNoOther()
    {
        var scene = await fleet.NewSceneAsync();
        // Deletion in the foreground needs its controllers.
        await using var server = await ApiServer.StartAsync(new ApiServerOptions { ControllerManager = true });
        var other = await fleet.NewSceneAsync(server, $"{scene.Name}-b");
        var (project, path) = ($"{scene.Name}-p", $"applications/{scene.Name}-p/{scene.Of("app")}");
        await PutProjectAsync(scene, project, scene.Cluster, other.Cluster);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await scene.WriteConfigMapAsync("app/two.yaml", "two", "first");
        var first = await scene.PushAsync("First");
        await PutApplicationAsync(scene, other, project);
        await SyncedAsync(scene, path, first);

        var stored = StoredOf(scene, other);
        await PutProjectAsync(scene, project, scene.Cluster);
        // A restart must not find that it may still prune.
        await Eventually.TrueAsync(() => StoredOf(scene, other) > stored, "the refusal is stored");
        await scene.Work.DeleteAsync("app/two.yaml");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var second = await scene.PushAsync("Second");

        await Eventually.TrueAsync(async () => await LiveAsync(scene, scene, "one") == "second" && await LiveAsync(scene, scene, "two") is null, "the allowed cluster follows Git, prunes included");
        var view = await Eventually.GetAsync(() => scene.Rest.GetAsync<ApplicationView>(path), seen => seen.Status.Sync == "Unknown", "the allowed cluster is in sync");
        var condition = Assert.Single(view.Status.Conditions);
        Assert.Equal(("NotAllowed", $"{other.Cluster}: project {project} does not allow the cluster {other.Cluster}"), (condition.Type, condition.Message));
        Assert.Equal((second, 1), (view.Status.Revision, view.Status.Targets.Sync["Synced"]));
        var target = await scene.Rest.GetAsync<TargetView>($"{path}/targets/{other.Cluster}");
        Assert.Equal(("Unknown", "NotAllowed"), (target.Sync, Assert.Single(target.Conditions).Type));

        // No sync goes there, and what stands there is kept, drift repair included; what was left over is not pruned.
        var sync = await CommandAsync(scene, path, "sync");
        Assert.Equal((OperationPhase.Failed, $"on 1 of the clusters; not on all: {condition.Message}"), (sync.Phase, sync.Message));
        await server.Client.DeleteAsync(scene.ConfigMapPath("one"));
        await Eventually.TrueAsync(async () => await LiveAsync(scene, other, "one") == "first", "drift is repaired to what it was given");
        Assert.Equal("first", await LiveAsync(scene, other, "two"));

        await PutProjectAsync(scene, project, scene.Cluster, other.Cluster);
        await SyncedAsync(scene, path, second);
        Assert.Equal(("second", null), (await LiveAsync(scene, other, "one"), await LiveAsync(scene, other, "two")));
    }

    [Fact]
    public async Task ApplicationWhoseClustersAreAllNotAllowed_ChangesNothing()
    {
        var scene = await fleet.NewSceneAsync();
        var (project, path) = ($"{scene.Name}-p", $"applications/{scene.Name}-p/{scene.Of("app")}");
        await PutProjectAsync(scene, project, scene.Cluster);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var first = await scene.PushAsync("First");
        await PutApplicationAsync(scene, scene, project);
        await SyncedAsync(scene, path, first);

        await PutProjectAsync(scene, project, "elsewhere");
        var condition = await Eventually.GetAsync(
            async () => (await scene.Rest.GetAsync<ApplicationView>(path)).Status.Conditions, found => found is [{ Type: "NotAllowed" }], "the refusal shows");

        Assert.Equal($"project {project} does not allow the cluster {scene.Cluster}", condition[0].Message);
        Assert.Equal("first", await LiveAsync(scene, scene, "one"));
    }

    private static int StoredOf(Scene scene, Scene on) => SharedFleet.Writes.Of($"{scene.Of("app")}/{on.Cluster}").GetValueOrDefault("target");

    private static Task<ApplyResponse> PutProjectAsync(Scene scene, string project, params string[] clusters) => scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Project
        metadata: {name: {{project}}}
        spec: {clusters: [{{string.Join(", ", clusters)}}]}
        """);

    private static Task<ApplyResponse> PutApplicationAsync(Scene scene, Scene other, string project) => scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{scene.Of("app")}}"}
        spec:
          project: {{project}}
          source: {repository: {{scene.Name}}, ref: main, path: app}
          destination: {clusters: [{{string.Join(", ", new[] { scene.Cluster, other.Cluster }.Distinct())}}], namespace: {{scene.Name}} }
          sync: {automated: true, prune: true, selfHeal: true, options: [CreateNamespace=true]}
        """);

    private static async Task SyncedAsync(Scene scene, string path, string commit) => await Eventually.GetAsync(
        async () => Told((await scene.Rest.GetAsync<ApplicationView>(path)).Status, await scene.Rest.GetAsync<ListView<TargetView>>($"{path}/targets")),
        told => told == $"Synced {commit}", $"{path} synced", TimeSpan.FromSeconds(40));

    /// <summary>The application's status, and what is to be said of its targets.</summary>
    private static string Told(ApplicationStatusView status, ListView<TargetView> targets) => string.Join("; ",
        targets.Items.SelectMany(target => target.Conditions.Select(condition => $"{target.Cluster} {target.Sync}: {condition.Type} {condition.Object} {condition.Message}"))
            .Concat(status.Conditions.Select(condition => $"{condition.Type} {condition.Message}")).Prepend($"{status.Sync} {status.Revision}"));

    private static async Task<OperationView> CommandAsync(Scene scene, string path, string verb)
    {
        var begun = await scene.Rest.SendAsync<OperationView>(HttpMethod.Post, $"{path}:{verb}");
        return await Eventually.GetAsync(() => scene.Rest.GetAsync<OperationView>($"operations/{begun.Id}"), operation => operation.Finished is not null, $"the {verb} ends");
    }

    private static async Task<string?> LiveAsync(Scene scene, Scene on, string name) =>
        await on.Server.Client.FindJsonAsync(scene.ConfigMapPath(name)) is { } live ? LiveConfigMap.Of(live).Value : null;
}
