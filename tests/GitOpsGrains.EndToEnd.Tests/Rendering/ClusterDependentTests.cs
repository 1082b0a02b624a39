using System.Text.RegularExpressions;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Rendering;

/// <summary>Manifests that depend on the cluster, on two real API servers: one render where they are alike, a set each where not.</summary>
public sealed class ClusterDependentTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task LabelsOfTheCluster_AreVariables_AndClustersWithEqualOnesShareARender()
    {
        var scene = await fleet.NewSceneAsync();
        await using var server = await ApiServer.StartAsync();
        var late = await fleet.NewSceneAsync(server, $"{scene.Name}-b");
        using var counts = new RenderCounts(scene.Name);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "\"${try} of ${team}\"");
        var first = await scene.PushAsync("First");
        await PutAsync(scene, late, "path: app, substitute: {}");
        await scene.SyncedAsync(App, first);
        Assert.Equal(("first of web", "first of web"), (await LiveAsync(scene, scene), await LiveAsync(scene, late)));
        Assert.Equal(1, counts.Renders);

        // Another label: another set for this cluster alone, and one render.
        await late.PutClusterAsync("second");
        await Eventually.TrueAsync(async () => await LiveAsync(scene, late) == "second of web", "the changed label is there", TimeSpan.FromSeconds(40));
        await scene.SyncedAsync(App, first);
        Assert.Equal(("first of web", 2), (await LiveAsync(scene, scene), counts.Renders));

        // What another revision would be is told for each cluster, here of a branch that nobody follows.
        await scene.Work.BranchAsync("next");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "\"${CLUSTER_NAME}\"");
        var second = await scene.PushAsync("Second");
        var diff = await scene.Rest.GetAsync<DiffView>($"applications/default/{scene.Of(App)}/diff?revision={second}");
        Assert.Equal([scene.Cluster, late.Cluster], diff.Targets.Select(target => Assert.Single(target.Objects).Fields.Single(field => field.Path == "/data/key").To!.Trim('"')));
        await scene.Work.GitAsync("push", "--quiet", "origin", "next:main");
        await scene.SyncedAsync(App, second);
        Assert.Equal((scene.Cluster, late.Cluster), (await LiveAsync(scene, scene), await LiveAsync(scene, late)));
    }

    [Fact]
    public async Task ChartThatAsksForTheVersion_GetsThatOfEachCluster_AndOneThatIsNotConnectedWaitsAlone()
    {
        Tools.Require("helm");
        var scene = await fleet.NewSceneAsync();
        await using var server = await ApiServer.StartAsync();
        var late = await fleet.NewSceneAsync(server, $"{scene.Name}-b");
        var good = await File.ReadAllTextAsync(late.Kubeconfig, TestContext.Current.CancellationToken);
        var dead = Path.Combine(server.Folder, "dead.yaml");
        await File.WriteAllTextAsync(dead, Regex.Replace(good, @"server: .*", "server: https://127.0.0.1:1"), TestContext.Current.CancellationToken);
        await PutClusterAsync(late, dead);
        await scene.Work.WriteAsync("app/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
        await scene.Work.WriteAsync("app/templates/one.yaml", Scene.ConfigMap("one", "\"{{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.APIVersions.Has \"coordination.k8s.io/v1/Lease\" }} {{ .Capabilities.APIVersions.Has \"example.com/v9\" }}\""));
        var first = await scene.PushAsync("First");

        await PutAsync(scene, late, "path: app");

        var condition = await scene.ConditionAsync(App, "ClusterAwaited");
        Assert.StartsWith($"{late.Cluster}: the manifests depend on the cluster's version and kinds, which are not known: ", condition.Message, StringComparison.Ordinal);
        var version = (await scene.Rest.GetAsync<ClusterView>($"clusters/{scene.Cluster}")).Status.Version;
        await Eventually.TrueAsync(async () => await LiveAsync(scene, scene) == $"{version} true false", "the other cluster goes on");
        ApplicationView? view = null;
        await Eventually.TrueAsync(async () => (view = await scene.GetAsync(App)).Status.Targets.Sync.GetValueOrDefault("Synced") == 1, "one target is synced");
        Assert.Equal(("Unknown", 1, first), (view!.Status.Sync, view.Status.Targets.Sync["Unknown"], view.Status.Revision));
        Assert.Null(await late.Server.Client.FindJsonAsync($"/api/v1/namespaces/{scene.Name}"));

        // The target says it itself, and no sync claims anything of it.
        var target = await scene.Rest.GetTargetAsync(scene.Of(App), late.Cluster);
        Assert.Equal(("Unknown", "ClusterAwaited"), (target.Sync, Assert.Single(target.Conditions, item => item.Type == "ClusterAwaited").Type));
        Assert.Equal(condition.Message, $"{late.Cluster}: {target.Message}");
        var sync = await scene.Rest.CommandAsync(scene.Of(App), "sync");
        Assert.Equal((OperationPhase.Failed, $"on 1 of the clusters; not on all: {condition.Message}"), (sync.Phase, sync.Message));
        Assert.Equal("Synced", (await scene.GetTargetAsync(App)).Sync);

        // It is told as soon as the cluster can be asked.
        await late.PutClusterAsync();
        await scene.SyncedAsync(App, first);
        Assert.Equal($"{version} true false", await LiveAsync(scene, late));
    }

    [Fact]
    public async Task FaultForOneCluster_StopsNoOther_AndShowsInItsTarget_WhichKeepsWhatItHas()
    {
        var scene = await fleet.NewSceneAsync();
        await using var server = await ApiServer.StartAsync();
        var late = await fleet.NewSceneAsync(server, $"{scene.Name}-b");
        await PutClusterAsync(late, late.Kubeconfig, "other: x");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "\"${try:?the label try is missing}\"");
        var first = await scene.PushAsync("First");
        await PutAsync(scene, late, "path: app, substitute: {}");

        var condition = await scene.ConditionAsync(App, "RenderFailed");
        Assert.StartsWith($"{late.Cluster}: ", condition.Message, StringComparison.Ordinal);
        Assert.EndsWith("the label try is missing", condition.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await LiveAsync(scene, scene) == "first", "the other cluster goes on");
        var target = await scene.Rest.GetTargetAsync(scene.Of(App), late.Cluster);
        Assert.Equal(("Unknown", condition.Message), (target.Sync, $"{late.Cluster}: {Assert.Single(target.Conditions).Message}"));
        var blame = await Assert.ThrowsAsync<RestException>(() => scene.Rest.GetAsync<ListView<BlameView>>($"applications/default/{scene.Of(App)}/blame?cluster={late.Cluster}"));
        Assert.StartsWith($"cluster {late.Cluster} was given nothing yet: ", blame.Problem.Detail, StringComparison.Ordinal);

        await late.PutClusterAsync("second");
        await scene.SyncedAsync(App, first);
        Assert.Equal("second", await LiveAsync(scene, late));

        // Once more, with something that stands, drift repair included.
        await PutClusterAsync(late, late.Kubeconfig, "other: x");
        await scene.ConditionAsync(App, "RenderFailed");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "\"${try:?the label try is missing}, again\"");
        var second = await scene.PushAsync("Second");
        await Eventually.TrueAsync(async () => await LiveAsync(scene, scene) == "first, again", "the other cluster follows Git");
        Assert.Equal("second", await LiveAsync(scene, late));
        Assert.Equal([second, first], [await OriginAsync(scene, scene.Cluster), await OriginAsync(scene, late.Cluster)]);
        await late.Server.Client.DeleteAsync(scene.ConfigMapPath("one"));
        await Eventually.TrueAsync(async () => await LiveAsync(scene, late) == "second", "drift is repaired to what it was given");
    }

    private static async Task<string> OriginAsync(Scene scene, string cluster) => Assert.Single(
        (await scene.Rest.GetAsync<ListView<BlameView>>($"applications/default/{scene.Of(App)}/blame?cluster={cluster}")).Items).Commit!.Id;

    private static Task<ApplyResponse> PutClusterAsync(Scene scene, string kubeconfig, string labels = "try: first") => scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Cluster
        metadata: {name: {{scene.Cluster}}, labels: { {{labels}} } }
        spec: {kubeconfig: {file: "{{kubeconfig}}"} }
        """);

    private static Task<ApplyResponse> PutAsync(Scene scene, Scene other, string source) => scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{scene.Of(App)}}", labels: {team: web} }
        spec:
          source: {repository: {{scene.Name}}, ref: main, {{source}} }
          destination: {clusters: [{{scene.Cluster}}, {{other.Cluster}}], namespace: {{scene.Name}} }
          sync: {automated: true, prune: true, selfHeal: true, options: [CreateNamespace=true]}
        """);

    /// <summary>The value on the cluster of a scene.</summary>
    private static async Task<string?> LiveAsync(Scene scene, Scene on) =>
        await on.Server.Client.FindJsonAsync(scene.ConfigMapPath("one")) is { } live ? LiveConfigMap.Of(live).Value : null;
}
