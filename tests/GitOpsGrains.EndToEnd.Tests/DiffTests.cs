using System.Net;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What a sync would change, of the newest revision or one that is not merged yet.</summary>
public sealed class DiffTests(PacedFleet fleet) : IClassFixture<PacedFleet>
{
    private const string App = "app";

    [Fact]
    public async Task Diff_AgainstABranch_ShowsCreateUpdateAndDelete_AndWritesNothing()
    {
        var scene = await StartAsync();
        var branch = await PushBranchAsync(scene);
        var state = await scene.GetAsync(App);
        var before = fleet.RequestsIn(scene).Count();

        var diff = await scene.Rest.GetAsync<DiffView>($"{PathOf(scene)}?revision=next");

        Assert.Equal((branch, false), (diff.Revision, diff.Equal));
        var target = Assert.Single(diff.Targets);
        Assert.Null(target.Error);
        Assert.Equal(
            [("create", "new"), ("update", "one"), ("delete", "two")],
            target.Objects.OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => (item.Change, item.Name)));
        Assert.All(target.Objects, item => Assert.Null(item.Error));
        var update = target.Objects.Single(item => item.Name == "one");
        Assert.Contains("\n-  key: first\n+  key: second\n", update.Diff, StringComparison.Ordinal);
        Assert.Contains(update.Fields, field => field is { Path: "/data/key", From: "\"first\"", To: "\"second\"" });
        Assert.Contains("\n+  key: fresh\n", target.Objects.Single(item => item.Name == "new").Diff, StringComparison.Ordinal);
        Assert.Contains("\n-  key: first\n", target.Objects.Single(item => item.Name == "two").Diff, StringComparison.Ordinal);

        Assert.DoesNotContain(fleet.RequestsIn(scene).Skip(before), request => request.IsWrite);
        var after = await scene.GetAsync(App);
        Assert.Equal((state.Status.Revision, "Synced"), (after.Status.Revision, after.Status.Sync));
        Assert.Equal(["one", "two"], (await scene.GetTargetAsync(App)).Objects!.Select(item => item.Name));
        Assert.True((await scene.Rest.GetAsync<DiffView>(PathOf(scene))).Equal);

        var byCommit = await scene.Rest.GetAsync<DiffView>($"{PathOf(scene)}?revision={branch}&cluster={scene.Cluster}");
        Assert.Equal(target.Objects.Select(item => item.Diff), byCommit.Targets.Single().Objects.Select(item => item.Diff));
    }

    [Theory]
    [InlineData("nowhere", HttpStatusCode.NotFound, "revision nowhere can't be compared: the repository has no branch or tag 'nowhere'")]
    [InlineData("a..b", HttpStatusCode.BadRequest, "revision: not a branch, tag, ref, commit id or range of versions")]
    [InlineData("--upload-pack=x", HttpStatusCode.BadRequest, "revision: not a branch, tag, ref, commit id or range of versions")]
    public async Task Diff_AgainstNoRevision_IsAProblem(string revision, HttpStatusCode status, string detail)
    {
        var scene = await StartAsync();

        var answer = await scene.Rest.TrySendAsync(HttpMethod.Get, $"{PathOf(scene)}?revision={Uri.EscapeDataString(revision)}");

        Assert.Equal((status, detail), (answer.Status, answer.Problem!.Detail));
    }

    [Fact]
    public async Task Diff_AgainstABrokenCommit_SaysWhatIsWrongWithIt()
    {
        var scene = await StartAsync();
        await scene.Work.BranchAsync("broken");
        await scene.Work.WriteAsync("app/bad.yaml", "kind: ConfigMap\nmetadata: {name: bad}\n");
        await scene.Work.CommitAsync("Break it");
        await scene.Work.PushAsync();

        var answer = await scene.Rest.TrySendAsync(HttpMethod.Get, $"{PathOf(scene)}?revision=broken");

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.StartsWith("revision broken can't be compared: bad.yaml document 0: ", answer.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal("Synced", (await scene.GetAsync(App)).Status.Sync);
    }

    [Fact]
    public async Task Diff_OfADriftedObject_NamesTheManager()
    {
        var scene = await StartAsync(selfHeal: false);
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"), """{"data":{"key":"theirs"}}""", manager: "rogue");
        await Eventually.TrueAsync(async () => (await scene.GetTargetAsync(App)).Sync == "OutOfSync", "drift");

        var item = Assert.Single((await scene.Rest.GetAsync<DiffView>(PathOf(scene))).Targets.Single().Objects);

        Assert.Equal("update", item.Change);
        var field = Assert.Single(item.Fields);
        Assert.Equal(("/data/key", "\"theirs\"", "\"first\"", "rogue", "Update"), (field.Path, field.From, field.To, field.Manager, field.Operation));
    }

    private async Task<Scene> StartAsync(bool selfHeal = true)
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await scene.WriteConfigMapAsync("app/two.yaml", "two", "first");
        var commit = await scene.PushAsync("All of it");
        await scene.PutApplicationAsync(App, selfHeal: selfHeal);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    private static async Task<string> PushBranchAsync(Scene scene)
    {
        await scene.Work.BranchAsync("next");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        await scene.WriteConfigMapAsync("app/new.yaml", "new", "fresh");
        await scene.Work.DeleteAsync("app/two.yaml");
        var commit = await scene.Work.CommitAsync("What comes next");
        await scene.Work.PushAsync();
        return commit;
    }

    private static string PathOf(Scene scene) => $"applications/default/{scene.Of(App)}/diff";
}
