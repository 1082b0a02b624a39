using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>In which order objects go, what holds up the rest, and how what is gone comes back.</summary>
public sealed class PruneOrderTests(SharedFleet fleet)
{
    private const string App = "app";
    private const string Finalizer = "example.com/hold";

    [Fact]
    public async Task Prune_HeldByAFinalizer_IsReportedAndLowerWavesWaitForIt()
    {
        var scene = await ThreeWavesAsync();
        foreach (var name in new[] { "first", "second", "third" }) await scene.Work.DeleteAsync($"app/{name}.yaml");
        var commit = await scene.PushAsync("Remove the waves", App);

        await scene.ConditionsAsync(App, new ConditionView
        {
            Type = "DeletionBlocked", Object = scene.IdOf("third"), Message = $"{scene.Cluster}: is being deleted and held by the finalizers {Finalizer}",
        });
        // The highest wave goes first and is still there: nothing of the others was touched.
        Assert.True(await IsDeletingAsync(scene, "third"));
        Assert.False(await IsDeletingAsync(scene, "second"));
        Assert.False(await IsDeletingAsync(scene, "first"));
        var behind = (await scene.GetTargetAsync(App)).Objects!.Single(item => item.Name == "first");
        Assert.Equal(("OutOfSync", "Held", $"is deleted after ConfigMap {scene.Name}/third, which is not gone yet"), (behind.Sync, behind.Action, behind.Message));

        await ReleaseAsync(scene, "third");
        await scene.SyncedAsync(App, commit);
        foreach (var name in new[] { "first", "second", "third" }) Assert.Null(await scene.FindAsync(name));
        Assert.NotNull(await scene.FindAsync("stays"));
    }

    [Fact]
    public async Task Prune_Waves_AreGoneOneAfterAnotherHighestFirst()
    {
        var scene = await ThreeWavesAsync(finalizer: false);
        var list = await scene.Server.Client.GetJsonAsync($"/api/v1/namespaces/{scene.Name}/configmaps");
        var from = list.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        foreach (var name in new[] { "first", "second", "third" }) await scene.Work.DeleteAsync($"app/{name}.yaml");
        var commit = await scene.PushAsync("Remove the waves", App);
        await scene.SyncedAsync(App, commit);

        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var gone = new List<string>();
        await foreach (var happened in scene.Server.Client.WatchAsync($"/api/v1/namespaces/{scene.Name}/configmaps?watch=true&resourceVersion={from}", late.Token))
        {
            if (happened.GetProperty("type").GetString() == "DELETED") gone.Add(happened.GetProperty("object").GetProperty("metadata").GetProperty("name").GetString()!);
            if (gone.Count == 3) break;
        }
        Assert.Equal(["third", "second", "first"], gone);
    }

    /// <summary>A dependent that is slow to go holds its owner in the foreground, as pods hold a Deployment: for as long as a wave may take.</summary>
    [Fact]
    public async Task Prune_ThatWaitsForDependents_HealsTheRestMeanwhile()
    {
        var scene = await ThreeWavesAsync(finalizer: false);
        var owner = (await scene.FindLiveAsync("third")).Uid;
        await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/configmaps", $$$"""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dependent","finalizers":["{{{Finalizer}}}"],
             "ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"third","uid":"{{{owner}}}","blockOwnerDeletion":true}]} }
            """);
        foreach (var name in new[] { "first", "second", "third" }) await scene.Work.DeleteAsync($"app/{name}.yaml");
        var commit = await scene.PushAsync("Remove the waves", App);
        var waits = $"waiting until ConfigMap {scene.Name}/third is gone";
        await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation, operation => operation?.Message == waits, "the prune, waiting");

        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("stays"), """{"data":{"key":"drifted"}}""");
        await Eventually.GetAsync(() => scene.FindLiveAsync("stays"), live => live.Value == "one", "the drift healed");

        var operation = (await scene.GetTargetAsync(App)).Operation!;
        Assert.Equal((OperationPhase.Running, waits), (operation.Phase, operation.Message));
        Assert.True(await IsDeletingAsync(scene, "third"));
        Assert.False(await IsDeletingAsync(scene, "second"));
        await ReleaseAsync(scene, "dependent");
        await scene.SyncedAsync(App, commit);
        foreach (var name in new[] { "first", "second", "third" }) Assert.Null(await scene.FindAsync(name));
    }

    [Fact]
    public async Task Cascade_HeldByAFinalizer_SaysSoAndEndsWhenItIsLetGo()
    {
        var scene = await ThreeWavesAsync();
        var operation = await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(App)}?cascade=foreground");
        await Eventually.GetAsync(
            async () => (await scene.Rest.GetAsync<OperationView>($"operations/{operation.Id}")).Message,
            told => told.Contains($"is being deleted and held by the finalizers {Finalizer}", StringComparison.Ordinal), "the finalizer named");
        Assert.True(await IsDeletingAsync(scene, "third"));
        foreach (var name in new[] { "first", "second" }) Assert.False(await IsDeletingAsync(scene, name));

        await ReleaseAsync(scene, "third");
        var ended = await EndAsync(scene, operation.Id);
        Assert.Equal((OperationPhase.Succeeded, "deleted with its objects"), (ended.Phase, ended.Message));
        foreach (var name in new[] { "first", "second", "third", "stays" }) Assert.Null(await scene.FindAsync(name));
    }

    [Fact]
    public async Task Cascade_ChangedToKeepWhileItIsHeld_LeavesTheRest()
    {
        var scene = await ThreeWavesAsync();
        var operation = await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(App)}?cascade=foreground");
        await Eventually.TrueAsync(() => IsDeletingAsync(scene, "third"), "the deletion begun");
        var again = await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(App)}?cascade=orphan");
        Assert.Equal(operation.Id, again.Id);
        Assert.Equal("deleted; its objects live on, detached", (await EndAsync(scene, operation.Id)).Message);
        foreach (var name in new[] { "first", "second", "stays" }) Assert.False(await IsDeletingAsync(scene, name));
        await ReleaseAsync(scene, "third");
    }

    /// <summary>The guards were asked about all of it before the first group went; a person may say something meanwhile.</summary>
    [Fact]
    public async Task Cascade_ObjectThatIsToBeKeptAfterAll_KeepsItsNamespaceToo()
    {
        var scene = await fleet.NewSceneAsync();
        var inner = $"{scene.Name}-inner";
        await scene.Work.WriteAsync("app/all.yaml",
            Scene.ConfigMap("first", "one", $", annotations: {{argocd.argoproj.io/sync-wave: '1'}}, finalizers: [{Finalizer}]")
            + $"---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: {inner}}}}}\n---\n" + Scene.ConfigMap("data", "one", $", namespace: {inner}"));
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        var path = $"/api/v1/namespaces/{inner}/configmaps/data";

        var operation = await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(App)}?cascade=foreground");
        await Eventually.TrueAsync(() => IsDeletingAsync(scene, "first"), "the deletion begun");
        await scene.Server.Client.PatchAsync(path, """{"metadata":{"annotations":{"helm.sh/resource-policy":"keep"} } }""");
        await ReleaseAsync(scene, "first");

        Assert.Equal(OperationPhase.Succeeded, (await EndAsync(scene, operation.Id)).Phase);
        Assert.NotNull(await scene.Server.Client.FindJsonAsync(path));
        Assert.False((await scene.Server.Client.GetJsonAsync($"/api/v1/namespaces/{inner}")).GetProperty("metadata").TryGetProperty("deletionTimestamp", out _));
    }

    [Fact]
    public async Task Cascade_ObjectThatAsks_WaitsForTheApproval()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("app/asks.yaml", Scene.ConfigMap("asks", "one", ", annotations: {argocd.argoproj.io/sync-options: 'Delete=confirm'}"));
        await scene.WriteConfigMapAsync("app/plain.yaml", "plain", "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        var operation = await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"applications/default/{scene.Of(App)}?cascade=background");
        await Eventually.GetAsync(
            async () => (await scene.Rest.GetAsync<OperationView>($"operations/{operation.Id}")).Message,
            told => told.Contains($"approve it with: gitopsctl app approve default/{scene.Of(App)}", StringComparison.Ordinal), "the approval asked for");
        Assert.NotNull(await scene.FindAsync("asks"));
        Assert.Null(await scene.FindAsync("plain"));

        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("asks"),
            $$$"""{"metadata":{"annotations":{"argocd.argoproj.io/deletion-approved":"{{{TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}}}"} } }""");
        Assert.Equal("deleted with its objects", (await EndAsync(scene, operation.Id)).Message);
        Assert.Null(await scene.FindAsync("asks"));
    }

    [Fact]
    public async Task Restore_AfterAPrune_BringsBackWhatIsAbsentAndGitAdoptsIt()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/stays.yaml", "stays", "one");
        await scene.WriteConfigMapAsync("app/gone.yaml", "gone", "precious");
        await scene.WriteConfigMapAsync("app/other.yaml", "other", "one");
        await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, await scene.Work.HeadAsync());
        foreach (var name in new[] { "gone", "other" }) await scene.Work.DeleteAsync($"app/{name}.yaml");
        await scene.SyncedAsync(App, await scene.PushAsync("Remove two", App));
        await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"other"},"data":{"key":"theirs"} }""");
        var theirs = await scene.FindLiveAsync("other");

        var kept = await scene.Rest.GetAsync<ListView<TombstoneView>>($"applications/default/{scene.Of(App)}/tombstones");
        Assert.Equal([scene.IdOf("gone"), scene.IdOf("other")], kept.Items.Select(item => item.Object).Order(StringComparer.Ordinal));
        Assert.All(kept.Items, item => Assert.Equal(("left Git", scene.Cluster), (item.Reason, item.Cluster)));
        var tried = await scene.Rest.CommandAsync(scene.Of(App), "restore", """{"dryRun":true}""");
        Assert.Equal((OperationPhase.Succeeded, $"would restore 1 objects; ConfigMap {scene.Name}/other on {scene.Cluster} is there already; it is left as it is"), (tried.Phase, tried.Message));
        Assert.Null(await scene.FindAsync("gone"));

        var done = await scene.Rest.CommandAsync(scene.Of(App), "restore");
        Assert.Equal((OperationPhase.Succeeded, $"restored 1 objects; ConfigMap {scene.Name}/other on {scene.Cluster} is there already; it is left as it is"), (done.Phase, done.Message));
        var back = await scene.FindLiveAsync("gone");
        Assert.Equal("precious", back.Value);
        Assert.Equal(theirs, await scene.FindLiveAsync("other"));

        // A sync with prune leaves it, and says what is to be done about it.
        await scene.Rest.CommandAsync(scene.Of(App), "sync");
        Assert.Equal(back.Uid, (await scene.FindLiveAsync("gone")).Uid);
        var view = (await scene.GetTargetAsync(App)).Objects!.Single(item => item.Name == "gone");
        Assert.Equal(("OutOfSync", "restored by hand; put it into Git or delete it"), (view.Sync, view.Message));

        await scene.WriteConfigMapAsync("app/gone.yaml", "gone", "precious");
        await scene.SyncedAsync(App, await scene.PushAsync("Want it again", App));
        var adopted = await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("gone"));
        Assert.Equal(back.Uid, LiveConfigMap.Of(adopted).Uid);
        Assert.Equal(
            ["gitopsgrains.io/digest", "gitopsgrains.io/target"],
            adopted.GetProperty("metadata").GetProperty("annotations").EnumerateObject().Select(item => item.Name).Order(StringComparer.Ordinal));
        // And what is in Git again leaves with Git again.
        await scene.Work.DeleteAsync("app/gone.yaml");
        await scene.SyncedAsync(App, await scene.PushAsync("Remove it again", App));
        Assert.Null(await scene.FindAsync("gone"));
    }

    [Fact]
    public async Task Delete_ClusterIsGone_SaysSinceWhenAndLetsGoByForceOnly()
    {
        await using var server = await ApiServer.StartAsync(new ApiServerOptions());
        var scene = await fleet.NewSceneAsync(server, $"gone-{Guid.NewGuid():N}"[..12]);
        await scene.WriteConfigMapAsync("app/c.yaml", "left", "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        await server.StopAsync();
        var path = $"applications/default/{scene.Of(App)}";
        var operation = await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"{path}?cascade=foreground");
        await Eventually.GetAsync(
            async () => (await scene.Rest.GetAsync<OperationView>($"operations/{operation.Id}")).Message,
            told => told.StartsWith($"waiting for cluster {scene.Cluster}, unreachable since 20", StringComparison.Ordinal)
                && told.EndsWith($"gitopsctl delete application default/{scene.Of(App)} --cascade keep --force", StringComparison.Ordinal),
            "the cluster waited for", TimeSpan.FromSeconds(40));
        Assert.Equal(OperationPhase.Running, (await scene.Rest.GetAsync<OperationView>($"operations/{operation.Id}")).Phase);
        Assert.Equal(400, (await scene.Rest.TrySendAsync(HttpMethod.Delete, $"{path}?cascade=foreground&force=true")).Problem?.Status);

        var forced = await scene.Rest.SendAsync<OperationView>(HttpMethod.Delete, $"{path}?cascade=keep&force=true");
        Assert.Equal(operation.Id, forced.Id);
        var ended = await EndAsync(scene, operation.Id);
        Assert.Equal(
            (OperationPhase.Succeeded, $"deleted; let go without touching cluster {scene.Cluster}; 1 objects are left behind there: ConfigMap {scene.Name}/left"),
            (ended.Phase, ended.Message));
        Assert.Equal(404, (await scene.Rest.TrySendAsync(HttpMethod.Get, path)).Problem?.Status);
        // Nothing holds the cluster's document any more.
        await scene.Rest.TrySendAsync(HttpMethod.Delete, $"clusters/{scene.Cluster}");
        Assert.Equal(404, (await scene.Rest.TrySendAsync(HttpMethod.Get, $"clusters/{scene.Cluster}")).Problem?.Status);
    }

    /// <summary>Three objects in three waves, the last of them with a finalizer, and one that stays.</summary>
    private async Task<Scene> ThreeWavesAsync(bool finalizer = true)
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/stays.yaml", "stays", "one");
        var waves = new (string Name, int Wave)[] { ("first", -1), ("second", 0), ("third", 3) };
        foreach (var (name, wave) in waves)
            await scene.Work.WriteAsync($"app/{name}.yaml", Scene.ConfigMap(name, "one", $", annotations: {{argocd.argoproj.io/sync-wave: '{wave}'}}"));
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        if (finalizer) await scene.Server.Client.PatchAsync(scene.ConfigMapPath("third"), $$$"""{"metadata":{"finalizers":["{{{Finalizer}}}"]}}""");
        return scene;
    }

    private static async Task ReleaseAsync(Scene scene, string name) =>
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath(name), """{"metadata":{"finalizers":null}}""");

    private static async Task<bool> IsDeletingAsync(Scene scene, string name) =>
        (await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath(name))).GetProperty("metadata").TryGetProperty("deletionTimestamp", out _);

    private static async Task<OperationView> EndAsync(Scene scene, string id)
    {
        var view = await scene.Rest.GetAsync<OperationView>($"operations/{id}?wait=20s");
        while (view.Phase is OperationPhase.Pending or OperationPhase.Running) view = await scene.Rest.GetAsync<OperationView>($"operations/{id}?wait=20s");
        return view;
    }
}
