using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>Manifests that only the API server can refuse. What they touch says so; nothing is pruned until they are mended.</summary>
public sealed class RefusedObjectTests(SharedFleet fleet)
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 0
          selector: {matchLabels: {app: LABEL}}
          template:
            metadata: {labels: {app: LABEL}}
            spec: {containers: [{name: web, image: nginxENV}]}
        """;

    [Fact]
    public Task NamespaceThatDoesNotExist_IsNamed() => RefusedAsync(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lost, namespace: nowhere}\n", "/ConfigMap:nowhere/lost",
        message => Assert.Equal("namespaces \"nowhere\" not found", message));

    [Fact]
    public Task DuplicateEnvironmentNames_AreRefusedByTheServerAndNamed() => RefusedAsync(
        Deployment.Replace("LABEL", "web").Replace("ENV", ", env: [{name: A, value: '1'}, {name: A, value: '2'}]"), "apps/Deployment:{0}/web",
        message => Assert.Contains("duplicate entries for key [name=\"A\"]", message));

    [Fact]
    public Task DuplicatePorts_AreRefusedByTheServerAndNamed() => RefusedAsync(
        Deployment.Replace("LABEL", "web").Replace("ENV", ", ports: [{containerPort: 80}, {containerPort: 80}]"), "apps/Deployment:{0}/web",
        message => Assert.Contains("duplicate entries for key [containerPort=80,protocol=\"TCP\"]", message));

    [Fact]
    public async Task SelectorOfADeploymentChanged_IsNamedAndTheDeploymentStands()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("bad/x.yaml", Deployment.Replace("LABEL", "web").Replace("ENV", ""));
        var story = await BadCommit.BeginAsync(scene);
        var path = $"/apis/apps/v1/namespaces/{scene.Name}/deployments/web";
        var before = LiveConfigMap.Of(await scene.Server.Client.GetJsonAsync(path)).Uid;
        await scene.Work.WriteAsync("bad/x.yaml", Deployment.Replace("LABEL", "other").Replace("ENV", ""));
        await RefusedAsync(story, $"apps/Deployment:{scene.Name}/web", message => Assert.Contains("spec.selector: Invalid value", message));
        Assert.Equal(before, LiveConfigMap.Of(await scene.Server.Client.GetJsonAsync(path)).Uid);
        Assert.Equal("web", (await scene.Server.Client.GetJsonAsync(path)).GetProperty("spec").GetProperty("selector").GetProperty("matchLabels").GetProperty("app").GetString());
        await scene.Work.WriteAsync("bad/x.yaml", Deployment.Replace("LABEL", "web").Replace("ENV", ""));
        await story.MendAsync();
    }

    [Fact]
    public async Task ImmutableConfigMapChanged_IsNamedAndStands()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("bad/x.yaml", Scene.ConfigMap("frozen", "one") + "immutable: true\n");
        var story = await BadCommit.BeginAsync(scene);
        var before = await scene.FindLiveAsync("frozen");
        await scene.Work.WriteAsync("bad/x.yaml", Scene.ConfigMap("frozen", "two") + "immutable: true\n");
        await RefusedAsync(story, scene.IdOf("frozen"), message => Assert.Contains("field is immutable when `immutable` is set", message));
        var after = await scene.FindLiveAsync("frozen");
        Assert.Equal((before.Uid, "one"), (after.Uid, after.Value));
        await scene.Work.WriteAsync("bad/x.yaml", Scene.ConfigMap("frozen", "one") + "immutable: true\n");
        await story.MendAsync();
    }

    [Fact]
    public async Task TwoApplicationsClaimOneObject_TheFirstKeepsItUntilItLetsGo()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        await scene.WriteConfigMapAsync("late/x.yaml", "changed", "theirs");
        await scene.WriteConfigMapAsync("late/y.yaml", "own", "one");
        var commit = await scene.PushAsync("Claim it too", BadCommit.Application);
        await scene.PutApplicationAsync("late");
        await scene.ConditionsAsync("late", new ConditionView
        {
            Type = "SharedObject",
            File = "x.yaml",
            Document = 0,
            Object = scene.IdOf("changed"),
            Message = $"{scene.Cluster}: is desired by the application default/{scene.Of(BadCommit.Application)} too, which had it first and keeps it",
        });
        await scene.SyncedAsync(BadCommit.Application, commit);
        await story.UntouchedAsync();
        Assert.Equal("one", (await scene.FindLiveAsync("own")).Value);
        var uid = (await scene.FindLiveAsync("changed")).Uid;

        await scene.Work.DeleteAsync("bad/a-changed.yaml");
        commit = await scene.PushAsync("Let it go", BadCommit.Application, "late");
        await scene.SyncedAsync("late", commit);
        await scene.SyncedAsync(BadCommit.Application, commit);
        var handed = await scene.FindLiveAsync("changed");
        Assert.Equal((uid, "theirs"), (handed.Uid, handed.Value));
    }

    [Fact]
    public async Task RemovedObjectHeldByAFinalizer_IsNamedWithIt_AndEverythingElseGoesOn()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("bad/x.yaml", Scene.ConfigMap("stuck", "one", ", finalizers: [example.com/hold]"));
        var story = await BadCommit.BeginAsync(scene);
        await scene.Work.DeleteAsync("bad/x.yaml");
        await story.PublishAsync();
        var condition = await scene.ConditionAsync(BadCommit.Application, "DeletionBlocked");
        Assert.Equal(scene.IdOf("stuck"), condition.Object);
        Assert.Contains("example.com/hold", condition.Message);
        await scene.SyncedAsync(BadCommit.Other, await scene.Work.HeadAsync());
        await Eventually.GetAsync(() => scene.FindAsync("removed"), live => live is null, "the other removed object gone");
        Assert.Equal("two", (await scene.FindLiveAsync("changed")).Value);

        await scene.WriteConfigMapAsync("bad/a-changed.yaml", "changed", "three");
        await scene.PushAsync("Go on", BadCommit.Application);
        await Eventually.GetAsync(() => scene.FindLiveAsync("changed"), live => live.Value == "three", "the next commit applied beside the stuck object");
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("stuck"), """{"metadata":{"finalizers":null}}""");
        await scene.SyncedAsync(BadCommit.Application, await scene.Work.HeadAsync());
        Assert.Null(await scene.FindAsync("stuck"));
    }

    private async Task RefusedAsync(string manifest, string id, Action<string> check)
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        await story.Scene.Work.WriteAsync("bad/x.yaml", manifest);
        await RefusedAsync(story, id.Replace("{0}", story.Scene.Name), check);
        await story.MendAsync("bad/x.yaml");
    }

    /// <summary>The object is named with its place and the server's words; nothing is pruned, and the other application goes on.</summary>
    internal static async Task RefusedAsync(BadCommit story, string id, Action<string> check)
    {
        var scene = story.Scene;
        await story.PublishAsync();
        var condition = await scene.ConditionAsync(BadCommit.Application, "PreflightFailed");
        Assert.Equal(("x.yaml", 0, id), (condition.File, condition.Document, condition.Object));
        Assert.StartsWith(scene.Cluster + ": ", condition.Message);
        check(condition.Message[(scene.Cluster.Length + 2)..]);
        await scene.SyncedAsync(BadCommit.Other, await scene.Work.HeadAsync());
        // By hand as well: it fails with the same words and prunes nothing.
        var sync = await scene.Rest.CommandAsync(scene.Of(BadCommit.Application), "sync");
        Assert.Equal(OperationPhase.Failed, sync.Phase);
        Assert.Equal("OutOfSync", (await scene.GetAsync(BadCommit.Application)).Status.Sync);
        Assert.NotNull(await scene.FindAsync("removed"));
        Assert.DoesNotContain(await HistoryAsync(scene), entry => entry.Objects.Any(done => done.Action == "Pruned"));
    }

    private static Task<IReadOnlyList<HistoryView>> HistoryAsync(Scene scene) =>
        scene.HistoryAsync(BadCommit.Application);
}
