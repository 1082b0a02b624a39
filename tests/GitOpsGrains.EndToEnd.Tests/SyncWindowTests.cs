using System.Globalization;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>Sync windows of a project, with a clock that leaps: what waits, what is refused, and that it goes on when the window lets it.</summary>
public sealed class SyncWindowTests(PacedFleet fleet) : IClassFixture<PacedFleet>
{
    private const string App = "app";

    [Fact]
    public async Task Commit_InADenyWindow_WaitsAndIsSyncedWhenItCloses()
    {
        var scene = await StartAsync();
        var opened = await PutWindowAsync(scene, "deny", opens: TimeSpan.Zero);
        await HeardAsync(scene, opened);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var commit = await scene.PushAsync("Second", App);

        var condition = await scene.ConditionAsync(App, "SyncWindow");
        Assert.Equal($"paced: the deny window '{opened.Schedule}' for 1h, UTC: freeze is open; syncs go on at {opened.Closes:yyyy-MM-dd HH:mm:ss'Z'}", condition.Message);
        Assert.Equal("OutOfSync", (await scene.GetAsync(App)).Status.Sync);
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);

        LeapTo(opened.Closes);
        await scene.SyncedAsync(App, commit);
        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);
        Assert.Empty((await scene.GetAsync(App)).Status.Conditions);
    }

    [Fact]
    public async Task Commit_OutsideOfTheAllowWindow_WaitsUntilItOpens()
    {
        var scene = await StartAsync();
        var opened = await PutWindowAsync(scene, "allow", opens: TimeSpan.FromHours(3));
        await HeardAsync(scene, opened);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var commit = await scene.PushAsync("Second", App);

        var condition = await scene.ConditionAsync(App, "SyncWindow");
        Assert.Equal($"paced: none of the allow windows is open ('{opened.Schedule}' for 1h, UTC: freeze); syncs go on at {opened.Opens:yyyy-MM-dd HH:mm:ss'Z'}", condition.Message);
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);

        LeapTo(opened.Opens);
        await scene.SyncedAsync(App, commit);
    }

    [Fact]
    public async Task Drift_InADenyWindow_IsReportedAndHealedWhenItCloses()
    {
        var scene = await StartAsync();
        var opened = await PutWindowAsync(scene, "deny", opens: TimeSpan.Zero);
        await HeardAsync(scene, opened);
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"), """{"data":{"key":"theirs"} }""", manager: "rogue");

        await scene.ConditionAsync(App, "SyncWindow");
        var drifted = (await scene.GetTargetAsync(App)).Objects!.Single(item => item.Id == scene.IdOf("one"));
        Assert.Equal(("OutOfSync", "/data/key", "rogue"), (drifted.Sync, drifted.Drift.Single().Path, drifted.Drift.Single().Manager));
        Assert.Equal("theirs", (await scene.FindLiveAsync("one")).Value);

        LeapTo(opened.Closes);
        await Eventually.TrueAsync(async () => await scene.FindAsync("one") is { Value: "first" }, "the drift put back");
    }

    [Fact]
    public async Task ManualSync_InADenyWindow_IsRefusedUnlessItOverrides()
    {
        var scene = await StartAsync();
        var opened = await PutWindowAsync(scene, "deny", opens: TimeSpan.Zero);
        await HeardAsync(scene, opened);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var commit = await scene.PushAsync("Second", App);
        await scene.ConditionAsync(App, "SyncWindow");

        var refused = await scene.Rest.CommandAsync(scene.Of(App), "sync");
        Assert.Equal(OperationPhase.Failed, refused.Phase);
        Assert.Equal(
            $"the deny window '{opened.Schedule}' for 1h, UTC: freeze is open; syncs go on at {opened.Closes:yyyy-MM-dd HH:mm:ss'Z'}; to sync all the same: gitopsctl app sync default/{scene.Of(App)} --override-window",
            refused.Message);
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);

        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync", """{"dryRun": true}""")).Phase);
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);

        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync", """{"overrideWindow": true}""")).Phase);
        await scene.SyncedAsync(App, commit);
    }

    [Fact]
    public async Task ManualSync_WhereTheWindowLetsPersonsThrough_IsDone()
    {
        var scene = await StartAsync();
        await HeardAsync(scene, await PutWindowAsync(scene, "deny", opens: TimeSpan.Zero, more: ", manualSync: true"));
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var commit = await scene.PushAsync("Second", App);
        await scene.ConditionAsync(App, "SyncWindow");

        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync")).Phase);
        await scene.SyncedAsync(App, commit);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(", syncOverrun: true", true)]
    public async Task Window_ThatTurnsAgainstARunningSync_EndsItUnlessItMayOverrun(string more, bool goesOn)
    {
        var scene = await StartAsync();
        var opened = await PutWindowAsync(scene, "deny", opens: TimeSpan.FromMinutes(2), more);
        await HeardAsync(scene, opened);
        await scene.Work.WriteAsync("app/web.yaml", Syncing.Workloads.Deployment("web") + Syncing.Workloads.ConfigMap("last", "1", Syncing.Workloads.Wave(1)));
        var commit = await scene.PushAsync("Two waves", App);
        await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation?.Message ?? "", message => message.StartsWith("wave 0 waits for 1 objects", StringComparison.Ordinal), "the first wave waiting");

        LeapTo(opened.Opens);
        if (!goesOn)
        {
            var ended = await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation!, operation => operation.Phase == OperationPhase.Failed, "the end of the sync");
            Assert.StartsWith($"stopped: the deny window '{opened.Schedule}'", ended.Message, StringComparison.Ordinal);
        }
        await ReadyAsync(scene, "web");
        if (!goesOn)
        {
            Assert.Null(await scene.FindAsync("last"));
            LeapTo(opened.Closes);
            // Nothing was heard of these for an hour, and the next bookmark is a minute away.
            await scene.Server.Client.PatchAsync($"/apis/apps/v1/namespaces/{scene.Name}/deployments/web", """{"metadata":{"annotations":{"an":"event"}}}""", manager: "rogue");
            await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"), """{"metadata":{"annotations":{"an":"event"}}}""", manager: "rogue");
            // An annotation is a new generation of a Deployment, and the sync may not have looked at it before.
            await ReadyAsync(scene, "web", generation: 2);
        }
        await scene.SyncedAsync(App, commit);
        Assert.NotNull(await scene.FindAsync("last"));
    }

    [Fact]
    public async Task Restore_InADenyWindow_IsRefusedUnlessItOverrides()
    {
        var scene = await StartAsync();
        // No controllers here: nobody would end a deletion in the foreground.
        await scene.PutApplicationAsync(App, prune: "{enabled: true, propagation: background}");
        await scene.WriteConfigMapAsync("app/two.yaml", "two", "first");
        await scene.SyncedAsync(App, await scene.PushAsync("Two", App));
        await scene.Work.DeleteAsync("app/two.yaml");
        await scene.SyncedAsync(App, await scene.PushAsync("One again", App));
        Assert.Null(await scene.FindAsync("two"));
        var opened = await PutWindowAsync(scene, "deny", opens: TimeSpan.Zero);
        await HeardAsync(scene, opened);

        var refused = await scene.Rest.CommandAsync(scene.Of(App), "restore");
        Assert.Equal(OperationPhase.Failed, refused.Phase);
        Assert.EndsWith($"; to restore all the same: gitopsctl app restore default/{scene.Of(App)} --override-window", refused.Message, StringComparison.Ordinal);
        Assert.Null(await scene.FindAsync("two"));

        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "restore", """{"overrideWindow": true}""")).Phase);
        Assert.Equal("first", (await scene.FindLiveAsync("two")).Value);
    }

    [Fact]
    public async Task Window_TakenOutOfTheProject_LetsWhatWaitsGoAtOnce()
    {
        var scene = await StartAsync();
        await HeardAsync(scene, await PutWindowAsync(scene, "deny", opens: TimeSpan.Zero));
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var commit = await scene.PushAsync("Second", App);
        await scene.ConditionAsync(App, "SyncWindow");

        await PutProjectAsync(scene, "[]");

        await scene.SyncedAsync(App, commit);
    }

    [Fact]
    public async Task Window_OfOtherApplications_HoldsNothing()
    {
        var scene = await StartAsync();
        await PutWindowAsync(scene, "deny", opens: TimeSpan.Zero, applications: "other-*");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");

        await scene.SyncedAsync(App, await scene.PushAsync("Second", App));
    }

    [Fact]
    public async Task Sync_ForAnotherCommitThanTheNewest_SaysToRevert()
    {
        var scene = await StartAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var commit = await scene.PushAsync("Second", App);
        await scene.SyncedAsync(App, commit);

        var refused = await scene.Rest.CommandAsync(scene.Of(App), "sync", """{"revision": "0000000"}""");
        Assert.Equal(
            (OperationPhase.Failed, $"the newest commit is {commit}, not 0000000; only the newest is synced: to go back to an older one, revert in Git"), (refused.Phase, refused.Message));
        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync", $$"""{"revision": "{{commit[..7]}}"}""")).Phase);
    }

    [Fact]
    public async Task Sync_OfAnObjectThatIsNone_IsRefusedByName()
    {
        var scene = await StartAsync();

        var refused = await scene.Rest.CommandAsync(scene.Of(App), "sync", """{"objects": ["ConfigMap/none"]}""");

        Assert.Equal((OperationPhase.Failed, "the application has no object ConfigMap/none on cluster paced"), (refused.Phase, refused.Message));
    }

    private sealed record Window(string Schedule, DateTimeOffset Opens)
    {
        public DateTimeOffset Closes => Opens.AddHours(1);
    }

    /// <summary>An application that is synced at its first commit; the project has no window then.</summary>
    private async Task<Scene> StartAsync()
    {
        var scene = await fleet.NewSceneAsync();
        await PutProjectAsync(scene, "[]");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var commit = await scene.PushAsync("First");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    /// <summary>A window of an hour that opens after so long, counted in whole minutes; an open one opened this minute.</summary>
    private async Task<Window> PutWindowAsync(Scene scene, string kind, TimeSpan opens, string more = "", string? applications = null)
    {
        var now = fleet.Clock.GetUtcNow();
        var start = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute, 0, TimeSpan.Zero) + opens;
        var schedule = string.Create(CultureInfo.InvariantCulture, $"{start.Minute} {start.Hour} * * *");
        await PutProjectAsync(scene, $"[{{kind: {kind}, schedule: '{schedule}', duration: 1h, description: freeze, applications: ['{applications ?? scene.Of(App)}']{more}}}]");
        return new Window(schedule, start);
    }

    /// <summary>All scenes share the project: the tests of this class run one after another.</summary>
    private static Task<ApplyResponse> PutProjectAsync(Scene scene, string windows) => scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Project
        metadata: {name: default}
        spec: {syncWindows: {{windows}} }
        """);

    /// <summary>Waits until the target has been told of the window: an order is refused by it, or let through by it alone.</summary>
    private static Task HeardAsync(Scene scene, Window window) => Eventually.TrueAsync(
        async () => (await scene.GetTargetAsync(App)).Windows.Any(each => each.Schedule == window.Schedule), "the target told of the window");

    /// <summary>What the controllers, which this server has not, would say of a Deployment whose pods run.</summary>
    private static async Task ReadyAsync(Scene scene, string deployment, int generation = 1) => await scene.Server.Client.PatchAsync(
        $"/apis/apps/v1/namespaces/{scene.Name}/deployments/{deployment}/status",
        $$$"""
        {"status":{"observedGeneration":{{{generation}}},"replicas":1,"updatedReplicas":1,"readyReplicas":1,"availableReplicas":1,
         "conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}}
        """, manager: "kube-controller-manager");

    private void LeapTo(DateTimeOffset time) => fleet.Clock.Leap(time - fleet.Clock.GetUtcNow());
}
