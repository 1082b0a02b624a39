using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>Applications made of several repositories, on a real Git server and a real API server.</summary>
public sealed class SeveralSourcesTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task TwoRepositories_AreOneSet_AndACommitInEitherReachesTheApplication()
    {
        var (scene, other) = (await fleet.NewSceneAsync(), await fleet.NewSceneAsync());
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await other.WriteConfigMapAsync("more/two.yaml", "two", "first");
        var (first, second) = (await scene.PushAsync("First"), await other.PushAsync("Other first"));
        await PutAsync(scene, $"{{repository: {scene.Name}, ref: main, path: app}}, {{repository: {other.Name}, ref: main, path: more}}");
        await scene.SyncedAsync(App, first);
        Assert.Equal(("first", "first"), ((await scene.FindLiveAsync("one")).Value, (await scene.FindLiveAsync("two")).Value));
        var status = (await scene.GetAsync(App)).Status;
        Assert.Equal([(scene.Name, "app", first, "First"), (other.Name, "more", second, "Other first")],
            status.Sources!.Select(source => (source.Repository, source.Path, source.Revision, source.Commit!.Message.Trim())));

        using var counts = new RenderCounts(scene.Name);
        await other.WriteConfigMapAsync("more/two.yaml", "two", "second");
        var third = await other.PushAsync("Other second");
        await Eventually.TrueAsync(async () => (await scene.FindLiveAsync("two")).Value == "second", "the other repository's commit is applied");
        Assert.Equal([first, third], (await scene.GetAsync(App)).Status.Sources!.Select(source => source.Revision));
        Assert.Equal(0, counts.Renders);

        HistoryView? history = null;
        await Eventually.TrueAsync(async () => (history = (await scene.Rest.GetAsync<ListView<HistoryView>>($"applications/default/{scene.Of(App)}/history")).Items[0]).Sources![1].Revision == third, "the sync is in the history");
        Assert.Equal((first, first, "Succeeded"), (history!.Revision, history.Sources![0].Revision, history.Result));
        var blame = await scene.Rest.GetAsync<ListView<BlameView>>($"applications/default/{scene.Of(App)}/blame");
        Assert.Equal([(scene.Name, "app/one.yaml", first), (other.Name, "more/two.yaml", third)], blame.Items.Select(item => (item.Repository, item.File, item.Commit!.Id)));

        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        await scene.SyncedAsync(App, await scene.PushAsync("Second"));
        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);
    }

    [Fact]
    public async Task SourceThatCantBeHad_ChangesNothingOfTheOthers()
    {
        var (scene, other) = (await fleet.NewSceneAsync(), await fleet.NewSceneAsync());
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await other.WriteConfigMapAsync("more/two.yaml", "two", "first");
        var (first, _) = (await scene.PushAsync("First"), await other.PushAsync("Other first"));
        await PutAsync(scene, $"{{repository: {scene.Name}, ref: main, path: app}}, {{repository: {other.Name}, ref: main, path: more, name: extra}}");
        await scene.SyncedAsync(App, first);

        // One object in both: the change in the first source waits for the second to be put right.
        await other.WriteConfigMapAsync("more/again.yaml", "one", "other");
        await other.PushAsync("The same object");
        var twice = await scene.ConditionAsync(App, "RenderFailed");
        Assert.Equal(($"{scene.Name}:app/one.yaml", "the same object is already in extra:more/again.yaml#0"), (twice.File, twice.Message));
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var second = await scene.PushAsync("Second", App);
        Assert.Equal(("first", "first"), ((await scene.FindLiveAsync("one")).Value, (await scene.FindLiveAsync("two")).Value));

        await other.Work.DeleteAsync("more/again.yaml");
        await other.PushAsync("Put right");
        await scene.SyncedAsync(App, second);
        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);

        await PutAsync(scene, $"{{repository: {scene.Name}, ref: main, path: app}}, {{repository: {other.Name}, ref: gone, path: more, name: extra}}");
        var gone = await scene.ConditionAsync(App, "RevisionMissing");
        Assert.Equal($"repository {other.Name}: the repository has no branch or tag 'gone'", gone.Message);
        Assert.NotNull(await scene.FindAsync("two"));
    }

    [Fact]
    public async Task ValuesOfAnotherRepository_AreFollowed_AndRolledBackThere()
    {
        Tools.Require("helm");
        var (scene, settings) = (await fleet.NewSceneAsync(), await fleet.NewSceneAsync());
        await GitProcess.RunAsync(settings.Work.BareFolder, ["config", "http.receivepack", "true"]);
        await scene.Work.WriteAsync("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
        await scene.Work.WriteAsync("chart/templates/one.yaml", Scene.ConfigMap("one", "\"{{ .Values.key }}\""));
        await settings.Work.WriteAsync("web/prod.yaml", "key: first\n");
        await settings.Work.WriteAsync("web/other.yaml", "key: unread\n");
        var (first, old) = (await scene.PushAsync("Chart"), await settings.PushAsync("Values"));
        await PutAsync(scene, $"{{repository: {scene.Name}, ref: main, path: chart, helm: {{valueFiles: [$values/web/prod.yaml]}}}}, {{repository: {settings.Name}, ref: main, name: values}}");
        await scene.SyncedAsync(App, first);
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);

        using var renders = new RenderCounts(scene.Name);
        using var spared = new RenderCounts(settings.Name);
        await settings.Work.WriteAsync("web/other.yaml", "key: still unread\n");
        await settings.PushAsync("Nothing for us");
        await Eventually.TrueAsync(() => Task.FromResult(spared.Spared == 1), "the application is spared");
        Assert.Equal(0, renders.Renders);

        await settings.Work.WriteAsync("web/prod.yaml", "key: second\n");
        var changed = await settings.PushAsync("Values for us");
        await Eventually.TrueAsync(async () => (await scene.FindLiveAsync("one")).Value == "second", "the values are followed");
        Assert.Equal(1, renders.Renders);
        Assert.Equal([first, changed], (await scene.GetAsync(App)).Status.Sources!.Select(source => source.Revision));

        var unnamed = await Assert.ThrowsAsync<RestException>(() => scene.Rest.CommandAsync(scene.Of(App), "rollback", $$"""{"revision": "{{old}}"}"""));
        Assert.StartsWith("revision: the application has several sources: write SOURCE:REV", unnamed.Problem.Detail, StringComparison.Ordinal);
        var diff = await scene.Rest.GetAsync<DiffView>($"applications/default/{scene.Of(App)}/diff?revision=values:{old}");
        Assert.Equal((old, "one"), (diff.Revision, Assert.Single(Assert.Single(diff.Targets).Objects).Name));

        // The one that has changed since the last sync is the one that goes back.
        await Eventually.TrueAsync(async () => (await scene.GetAsync(App)).Status.Sync == "Synced", "synced");
        var rollback = await scene.Rest.CommandAsync(scene.Of(App), "rollback");
        Assert.Equal((OperationPhase.Succeeded, "values"), (rollback.Phase, rollback.Rollback!.Source));
        Assert.Equal(["web/prod.yaml"], rollback.Rollback.Files);
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);
        Assert.Equal([first, rollback.Rollback.Commit], (await scene.GetAsync(App)).Status.Sources!.Select(source => source.Revision));
    }

    [Fact]
    public async Task RepositoryThatTheProjectDoesNotAllow_StopsTheWholeApplication()
    {
        var (scene, other) = (await fleet.NewSceneAsync(), await fleet.NewSceneAsync());
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await scene.PushAsync("First");
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Project
            metadata: {name: "{{scene.Name}}"}
            spec: {repositories: ["{{scene.Name}}"]}
            ---
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: "{{scene.Of(App)}}"}
            spec:
              project: "{{scene.Name}}"
              sources: [{repository: {{scene.Name}}, ref: main, path: app}, {repository: {{other.Name}}, ref: main, name: values}]
              destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}}}
              sync: {automated: true}
            """);

        ApplicationView? view = null;
        await Eventually.TrueAsync(async () => (view = await scene.Rest.GetAsync<ApplicationView>($"applications/{scene.Name}/{scene.Of(App)}")).Status.Conditions.Count > 0, "a condition");
        Assert.Equal(("NotAllowed", $"project {scene.Name} does not allow the repository {other.Name}"), (view!.Status.Conditions[0].Type, view.Status.Conditions[0].Message));
        Assert.Null(await scene.FindAsync("one"));
    }

    private static Task<ApplyResponse> PutAsync(Scene scene, string sources) => scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{scene.Of(App)}}"}
        spec:
          sources: [{{sources}}]
          destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}}}
          sync: {automated: true, prune: true, selfHeal: true}
        """);
}
