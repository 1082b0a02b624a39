using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>A rollback is a commit on a real Git server; the cluster follows it and never differs from Git.</summary>
public sealed class RollbackTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task Rollback_ToThePresentOnesPredecessor_RestoresTheFilesByACommitAndFollowsIt()
    {
        var (scene, first, second) = await StartAsync();

        var operation = await scene.Rest.CommandAsync(scene.Of(App), "rollback", """{"reason": "the new one leaks"}""");

        var commit = operation.Rollback!.Commit;
        Assert.Equal((OperationPhase.Succeeded, first, "refs/heads/main"), (operation.Phase, operation.Rollback.To, operation.Rollback.Branch));
        Assert.StartsWith($"pushed {commit[..8]} to main; ", operation.Message, StringComparison.Ordinal);
        Assert.Equal(["app/new.yaml", "app/one.yaml"], operation.Rollback.Files);
        await scene.SyncedAsync(App, commit);
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);
        Assert.Null(await scene.FindAsync("new"));
        await scene.Work.GitAsync("fetch", "--quiet", "origin");
        Assert.Equal((commit, second), (await scene.Work.GitAsync("rev-parse", "origin/main"), await scene.Work.GitAsync("rev-parse", "origin/main^")));
        Assert.Equal("", await scene.Work.GitAsync("diff", first, commit, "--", "app"));
        Assert.Equal("second", await scene.Work.GitAsync("show", $"{commit}:other/key.txt"));
        Assert.Equal(
            $"Roll back default/{scene.Of(App)} to {first[..8]}\n\nthe new one leaks\n\nRestores 2 files of app as they were at\n{first} (First).\n\nRequested-by: admin",
            await scene.Work.GitAsync("log", "-1", "--format=%B", commit));
    }

    [Fact]
    public async Task SecondRollback_GoesOneFurtherBack_InsteadOfUndoingTheFirst()
    {
        var (scene, first, second) = await StartAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "third");
        await scene.SyncedAsync(App, await scene.PushAsync("Third", App));

        var once = await scene.Rest.CommandAsync(scene.Of(App), "rollback");
        await scene.SyncedAsync(App, once.Rollback!.Commit);
        var twice = await scene.Rest.CommandAsync(scene.Of(App), "rollback");
        await scene.SyncedAsync(App, twice.Rollback!.Commit);
        var again = await scene.Rest.CommandAsync(scene.Of(App), "rollback");

        Assert.Equal((second, first), (once.Rollback.To, twice.Rollback.To));
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);
        Assert.Equal((OperationPhase.Failed, "no earlier revision is known to have been synced; name one with --to"), (again.Phase, again.Message));
    }

    [Fact]
    public async Task DryRun_ShowsTheCommitAndItsDiff_AndPushesNothing()
    {
        var (scene, first, second) = await StartAsync();

        var operation = await scene.Rest.CommandAsync(scene.Of(App), "rollback", $$"""{"revision": "{{first[..9]}}", "dryRun": true}""");

        Assert.Equal((OperationPhase.Succeeded, $"would push {operation.Rollback!.Commit[..8]} to main"), (operation.Phase, operation.Message));
        var diff = await scene.Rest.GetAsync<DiffView>($"applications/default/{scene.Of(App)}/diff?revision={operation.Rollback.Commit}");
        Assert.Equal(["new", "one"], diff.Targets.Single().Objects.Select(item => item.Name).Order(StringComparer.Ordinal));
        Assert.Equal(second, await TipAsync(scene, "main"));
        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);
    }

    [Fact]
    public async Task Rollback_ToABranchOfItsOwn_LeavesTheFollowedOneAndTheCluster()
    {
        var (scene, _, second) = await StartAsync();

        var operation = await scene.Rest.CommandAsync(scene.Of(App), "rollback", """{"branch": "rollback/app"}""");

        Assert.Equal(OperationPhase.Succeeded, operation.Phase);
        Assert.Equal($"pushed {operation.Rollback!.Commit[..8]} to the new branch rollback/app: merge it to roll back", operation.Message);
        Assert.Equal((second, operation.Rollback.Commit), (await TipAsync(scene, "main"), await TipAsync(scene, "rollback/app")));
        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);
        var again = await scene.Rest.CommandAsync(scene.Of(App), "rollback", """{"branch": "rollback/app", "reason": "another"}""");
        Assert.Equal(OperationPhase.Failed, again.Phase);
        Assert.StartsWith("the server refuses the push: ", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileThatAnotherApplicationReads_IsListedAndRestoredOnlyWhenAskedFor()
    {
        var (scene, first, _) = await StartAsync();
        await scene.Work.WriteAsync("app/shared/two.yaml", Scene.ConfigMap("two", "first"));
        var third = await scene.PushAsync("Third");
        await scene.PutApplicationAsync("part", path: "app/shared");
        await scene.SyncedAsync("part", third);
        await scene.Work.WriteAsync("app/shared/two.yaml", Scene.ConfigMap("two", "second"));
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "third");
        var fourth = await scene.PushAsync("Fourth", App, "part");
        await scene.SyncedAsync("part", fourth);

        var without = await scene.Rest.CommandAsync(scene.Of(App), "rollback", $$"""{"revision": "{{third}}", "dryRun": true, "includeShared": false}""");
        var with = await scene.Rest.CommandAsync(scene.Of(App), "rollback", $$"""{"revision": "{{third}}", "includeShared": true}""");

        Assert.Equal(["app/one.yaml"], without.Rollback!.Files);
        var shared = Assert.Single(without.Rollback.Shared);
        Assert.Equal(("app/shared/two.yaml", $"default/{scene.Of("part")}"), (shared.File, Assert.Single(shared.Applications)));
        Assert.Equal(["app/one.yaml", "app/shared/two.yaml"], with.Rollback!.Files);
        await scene.SyncedAsync("part", with.Rollback.Commit);
        Assert.Equal("first", (await scene.FindLiveAsync("two")).Value);
        Assert.NotEqual(first, third);
    }

    [Fact]
    public async Task Rollback_WithoutTheRightToPush_SaysSoAndChangesNothing()
    {
        var (scene, _, second) = await StartAsync(mayPush: false);

        var refused = await scene.Rest.CommandAsync(scene.Of(App), "rollback");

        Assert.Equal((OperationPhase.Failed, "the credentials may not push there: the server refuses access (403)"), (refused.Phase, refused.Message));
        Assert.Equal(second, await TipAsync(scene, "main"));
        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);
    }

    [Fact]
    public async Task Rollback_ToWhatIsAlreadySo_OrToNothingKnown_IsRefused()
    {
        var (scene, _, second) = await StartAsync();

        var same = await scene.Rest.CommandAsync(scene.Of(App), "rollback", $$"""{"revision": "{{second}}"}""");
        var unknown = await scene.Rest.CommandAsync(scene.Of(App), "rollback", """{"revision": "no-such-branch"}""");

        Assert.Equal((OperationPhase.Failed, $"what the application reads is as it was at {second[..8]} already"), (same.Phase, same.Message));
        Assert.Equal((OperationPhase.Failed, "the repository has no branch or tag 'no-such-branch'"), (unknown.Phase, unknown.Message));
    }

    [Fact]
    public async Task TwoRollbacksAtOnce_OfOneRepository_BothArrive()
    {
        var (scene, _, _) = await StartAsync();
        await scene.WriteConfigMapAsync("more/two.yaml", "two", "first");
        var third = await scene.PushAsync("Third");
        await scene.PutApplicationAsync("more");
        await scene.SyncedAsync("more", third);
        await scene.WriteConfigMapAsync("more/two.yaml", "two", "second");
        await scene.SyncedAsync("more", await scene.PushAsync("Fourth", "more"));

        var both = await Task.WhenAll(
            scene.Rest.CommandAsync(scene.Of(App), "rollback"), scene.Rest.CommandAsync(scene.Of("more"), "rollback", $$"""{"revision": "{{third}}"}"""));

        Assert.All(both, operation => Assert.NotNull(operation.Rollback));
        await Testing.Eventually.TrueAsync(async () => await scene.FindAsync("one") is { Value: "first" } && await scene.FindAsync("two") is { Value: "first" }, "both as before");
        await scene.Work.GitAsync("fetch", "--quiet", "origin");
        Assert.Equal("2", await scene.Work.GitAsync("rev-list", "--count", "HEAD..origin/main"));
    }

    [Fact]
    public async Task Blame_TellsFileCommitAuthorAndRequestOfEachObject()
    {
        var (scene, first, _) = await StartAsync();
        await scene.Work.WriteAsync("app/one.yaml", Scene.ConfigMap("one", "third") + "---\n" + Scene.ConfigMap("beside", "'1'"));
        var third = await scene.PushAsync("Say more (#42)", App);
        await scene.SyncedAsync(App, third);

        var blame = await scene.Rest.GetAsync<ListView<BlameView>>($"applications/default/{scene.Of(App)}/blame");
        var only = await scene.Rest.GetAsync<ListView<BlameView>>($"applications/default/{scene.Of(App)}/blame?object=ConfigMap/same&limit=1");

        Assert.Equal(
            [("beside", "app/one.yaml", 1, third, "#42"), ("new", "app/new.yaml", 0, await scene.Work.GitAsync("rev-parse", "HEAD~1"), null), ("one", "app/one.yaml", 0, third, "#42"), ("same", "app/same.yaml", 0, first, null)],
            blame.Items.Select(item => (item.Object[(item.Object.LastIndexOf('/') + 1)..], item.File, item.Document!.Value, item.Commit!.Id, item.Commit.PullRequest)));
        Assert.Equal((first, "First"), (Assert.Single(only.Items).Commit!.Id, only.Items[0].Commit!.Message.Trim()));
        var history = await scene.HistoryAsync(App, third);
        Assert.Equal((third, "#42"), (history.Revision, history.PullRequest));
    }

    [Fact]
    public async Task SourceBehindALink_HearsOfWhatChangesBehindIt()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("real/one.yaml", "one", "first");
        scene.Work.Link(App, "real");
        var first = await scene.PushAsync("First");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, first);

        await scene.WriteConfigMapAsync("real/one.yaml", "one", "second");
        await scene.SyncedAsync(App, await scene.PushAsync("Second"));

        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);
    }

    private async Task<(Scene Scene, string First, string Second)> StartAsync(bool mayPush = true)
    {
        var scene = await fleet.NewSceneAsync();
        if (mayPush) await GitProcess.RunAsync(scene.Work.BareFolder, ["config", "http.receivepack", "true"]);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await scene.WriteConfigMapAsync("app/same.yaml", "same", "first");
        await scene.Work.WriteAsync("other/key.txt", "first");
        var first = await scene.PushAsync("First");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, first);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        await scene.WriteConfigMapAsync("app/new.yaml", "new", "second");
        await scene.Work.WriteAsync("other/key.txt", "second");
        var second = await scene.PushAsync("Second", App);
        await scene.SyncedAsync(App, second);
        return (scene, first, second);
    }

    private static async Task<string> TipAsync(Scene scene, string branch)
    {
        await scene.Work.GitAsync("fetch", "--quiet", "origin");
        return await scene.Work.GitAsync("rev-parse", $"origin/{branch}");
    }
}
