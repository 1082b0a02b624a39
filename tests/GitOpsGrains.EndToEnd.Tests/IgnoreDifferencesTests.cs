using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>Fields that an application leaves to others: what is written, what is not, and what is said of them.</summary>
public sealed class IgnoreDifferencesTests(PacedFleet fleet) : IClassFixture<PacedFleet>
{
    private const string App = "app";

    [Fact]
    public async Task IgnoredField_ThatOthersChange_IsSyncedAndCostsNoWrite()
    {
        var scene = await StartAsync("{kind: ConfigMap, jsonPointers: [/data/key]}");
        var before = fleet.RequestsOf(scene, "one").Count;

        await PatchAsync(scene, """{"data":{"key":"theirs"}}""");
        await Eventually.TrueAsync(() => Since() == 2, "one read and one dry run");
        await scene.SyncedAsync(App, (await scene.GetAsync(App)).Status.Revision!);

        Assert.Equal("theirs", (await scene.FindLiveAsync("one")).Value);
        Assert.DoesNotContain(fleet.RequestsOf(scene, "one").Skip(before), request => request.IsWrite);
        Assert.Empty((await ObjectAsync(scene)).Drift);
        var diff = await DiffAsync(scene);
        Assert.True(diff.Equal, string.Join(' ', diff.Targets.SelectMany(target => target.Objects).Select(item => item.Diff)));

        int Since() => fleet.RequestsOf(scene, "one").Count - before;
    }

    [Fact]
    public async Task Heal_OfAnotherField_LeavesTheIgnoredOneAsItIs()
    {
        var scene = await StartAsync("{jqPathExpressions: ['.data.key']}");

        await PatchAsync(scene, """{"data":{"key":"theirs","other":"theirs"}}""");

        await Eventually.TrueAsync(async () => await OtherAsync(scene) == "git", "the other field as in Git");
        Assert.Equal("theirs", (await scene.FindLiveAsync("one")).Value);
    }

    [Theory]
    [InlineData("", "second")]
    [InlineData(", options: [RespectIgnoreDifferences=true]", "theirs")]
    public async Task Sync_OfANewCommit_WritesTheIgnoredFieldUnlessItIsRespected(string options, string expected)
    {
        var scene = await StartAsync("{jmesPaths: [data.key]}", options);
        await PatchAsync(scene, """{"data":{"key":"theirs"}}""");

        await WriteAsync(scene, "second");
        await scene.SyncedAsync(App, await scene.PushAsync("Change it", App));

        Assert.Equal((expected, "git"), ((await scene.FindLiveAsync("one")).Value, await OtherAsync(scene)));
        Assert.True((await DiffAsync(scene)).Equal);
    }

    [Fact]
    public async Task Rules_TakenBack_TheDifferenceIsDriftAgain()
    {
        var scene = await StartAsync("{managedFieldsManagers: [rogue]}");
        await PatchAsync(scene, """{"data":{"key":"theirs"}}""");
        var before = await scene.FindLiveAsync("one");
        await Eventually.TrueAsync(async () => (await ObjectAsync(scene)).Sync == "Synced", "in sync with the ignored change");
        Assert.Equal("theirs", before.Value);

        await PutAsync(scene, null, "");

        await Eventually.TrueAsync(async () => (await scene.FindLiveAsync("one")).Value == "git", "the field as in Git again");
    }

    [Fact]
    public async Task Fight_WithTheSuggestedRule_Ends()
    {
        var scene = await StartAsync(null);
        for (var round = 1; round <= 3; round++)
        {
            await PatchAsync(scene, $$$"""{"data":{"key":"theirs-{{{round}}}"}}""");
            await Eventually.TrueAsync(async () => (await scene.FindLiveAsync("one")).Value == "git", "as in Git again");
            fleet.Clock.Leap(TimeSpan.FromMinutes(1));
        }
        var said = (await scene.ConditionAsync(App, "Fight")).Message;
        var rule = said[(said.IndexOf("ignoreDifferences: [", StringComparison.Ordinal) + "ignoreDifferences: [".Length)..^1];

        await PutAsync(scene, rule, "");
        var before = fleet.RequestsOf(scene, "one").Count;
        await PatchAsync(scene, """{"data":{"key":"theirs at last"}}""");

        await Eventually.TrueAsync(() => fleet.RequestsOf(scene, "one").Skip(before).Any(request => request.IsDryRun), "the check of the change");
        await Eventually.TrueAsync(async () => (await ObjectAsync(scene)).Sync == "Synced", "in sync");
        Assert.Equal("theirs at last", (await scene.FindLiveAsync("one")).Value);
        Assert.DoesNotContain(fleet.RequestsOf(scene, "one").Skip(before), request => request.IsWrite);
    }

    [Fact]
    public async Task Drift_IsExplainedByManagerOperationAndTime()
    {
        var scene = await StartAsync(null, selfHeal: false);
        await PatchAsync(scene, """{"data":{"key":"theirs"}}""");

        var drift = Assert.Single((await Eventually.GetAsync(() => ObjectAsync(scene), found => found.Drift.Count > 0, "drift")).Drift);

        Assert.Equal(("/data/key", "\"git\"", "\"theirs\"", "rogue", "Update"), (drift.Path, drift.From, drift.To, drift.Manager, drift.Operation));
        Assert.InRange(drift.Time!.Value, TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeProvider.System.GetUtcNow().AddMinutes(10));
    }

    [Fact]
    public async Task ForeignFields_WithThePolicyToRemove_GoAndWhatIsProtectedStays()
    {
        var scene = await StartAsync(null, ", foreignFields: remove");
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"),
            """{"metadata":{"labels":{"added":"x"},"annotations":{"argocd.argoproj.io/sync-options":"Prune=false"},"finalizers":["example.com/theirs"]},"data":{"added":"x"}}""", manager: "rogue");

        await Eventually.TrueAsync(async () => await DataAsync(scene, "added") is null, "the added field gone");
        var live = await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("one"));
        Assert.Null(live.Mark("labels", "added"));
        Assert.Equal("Prune=false", live.Mark("annotations", "argocd.argoproj.io/sync-options"));
        Assert.Equal("example.com/theirs", live.GetProperty("metadata").GetProperty("finalizers")[0].GetString());
        Assert.Equal("git", (await scene.FindLiveAsync("one")).Value);
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"), """{"metadata":{"finalizers":null}}""");
    }

    [Fact]
    public async Task ForeignFields_WithThePolicyToRemoveAndNoHealing_GoWithTheNextSyncThatIsAskedFor()
    {
        var scene = await StartAsync(null, ", foreignFields: remove", selfHeal: false);
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"), """{"data":{"added":"x"}}""", manager: "rogue");
        await Eventually.GetAsync(() => ObjectAsync(scene), found => found.Sync == "OutOfSync", "the added field noticed");

        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync")).Phase);

        Assert.Null(await DataAsync(scene, "added"));
        Assert.Equal("git", (await scene.FindLiveAsync("one")).Value);
        await Eventually.GetAsync(() => ObjectAsync(scene), found => found.Sync == "Synced", "in sync again");
    }

    /// <summary>A label is no change of a generation: after it was found, no proof shows it.</summary>
    [Fact]
    public async Task ForeignFields_LabelThatNoProofShows_IsStillOutOfSyncAfterAnotherLook()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("app/policy.yaml", """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: policy}
            spec: {podSelector: {}, policyTypes: [Ingress]}
            """);
        var commit = await scene.PushAsync("A policy");
        await PutAsync(scene, null, ", foreignFields: remove", selfHeal: false);
        await scene.SyncedAsync(App, commit);
        await scene.Server.Client.PatchAsync($"/apis/networking.k8s.io/v1/namespaces/{scene.Name}/networkpolicies/policy", """{"metadata":{"labels":{"added":"x"}}}""", manager: "rogue");
        await Eventually.GetAsync(() => OnlyAsync(scene), found => found.Sync == "OutOfSync", "the added label noticed");

        foreach (var look in new[] { "first", "second" })
        {
            Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "refresh")).Phase);
            var now = await OnlyAsync(scene);
            Assert.True(now.Sync == "OutOfSync", $"{look} look: {now.Sync} {now.Message}");
        }
    }

    private async Task<Scene> StartAsync(string? rule, string sync = "", bool selfHeal = true)
    {
        var scene = await fleet.NewSceneAsync();
        await WriteAsync(scene, "git");
        var commit = await scene.PushAsync("All of it");
        await PutAsync(scene, rule, sync, selfHeal);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    private static Task WriteAsync(Scene scene, string value) => scene.Work.WriteAsync("app/one.yaml", $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: one}
        data: {key: {{value}}, other: git}
        """);

    private static async Task PutAsync(Scene scene, string? rule, string sync, bool selfHeal = true) => await scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{scene.Of(App)}}"}
        spec:
          source: {repository: {{scene.Name}}, ref: main, path: app}
          destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}}}
          sync: {automated: true, prune: true, selfHeal: {{(selfHeal ? "true" : "false")}}{{sync}} }
          ignoreDifferences: [{{rule}}]
        """);

    private static async Task PatchAsync(Scene scene, string patch) => await scene.Server.Client.PatchAsync(scene.ConfigMapPath("one"), patch, manager: "rogue");

    private static async Task<string?> DataAsync(Scene scene, string key) =>
        (await scene.Server.Client.GetJsonAsync(scene.ConfigMapPath("one"))).GetProperty("data").TryGetProperty(key, out var value) ? value.GetString() : null;

    private static Task<string?> OtherAsync(Scene scene) => DataAsync(scene, "other");

    private static async Task<ObjectView> ObjectAsync(Scene scene) => (await scene.GetTargetAsync(App)).Objects!.Single(item => item.Id == scene.IdOf("one"));

    private static async Task<ObjectView> OnlyAsync(Scene scene) => (await scene.GetTargetAsync(App)).Objects!.Single();

    private static Task<DiffView> DiffAsync(Scene scene) => scene.Rest.GetAsync<DiffView>($"applications/default/{scene.Of(App)}/diff");
}
