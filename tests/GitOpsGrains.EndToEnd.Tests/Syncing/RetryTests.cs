using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>The tries of one operation: between them it runs on, and says what it waits for.</summary>
public sealed class RetryTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task Sync_ThatAPersonAskedFor_IsTriedAgainAsOneOperation()
    {
        var scene = await StartAsync("limit: 50, backoff: {duration: 1s, factor: 1, max: 1s}");

        var asked = await SyncAsync(scene);
        var waiting = await BetweenTriesAsync(scene, asked.Id);
        Assert.Equal(OperationPhase.Running, waiting.Phase);
        Assert.Null(waiting.Finished);
        Assert.InRange(waiting.Attempt!.Value, 2, 50);
        Assert.Equal(
            $"retry {waiting.Attempt - 1} of 50 in 1s: ConfigMap {scene.Name}-late/one: namespaces \"{scene.Name}-late\" not found",
            waiting.Message);
        await scene.Server.Client.CreateNamespaceAsync($"{scene.Name}-late");

        var ended = await EndAsync(scene, asked.Id);
        Assert.Equal((OperationPhase.Succeeded, "1 created"), (ended.Phase, ended.Message));
        Assert.Null(ended.NextAttempt);
        var entry = Assert.Single(await HistoryAsync(scene));
        Assert.Equal((asked.Id, "user", "Succeeded", ended.Attempt), (entry.Id, entry.Trigger, entry.Result, entry.Attempts));
        Assert.Null(entry.Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sync_ThatNeverSucceeds_EndsWithItsLastTry(bool automated)
    {
        var scene = await StartAsync("limit: 2, backoff: {duration: 1s, factor: 1, max: 1s}", automated);

        var ended = automated
            ? await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation, operation => operation?.Phase == OperationPhase.Failed, "the end of the last try")
            : await EndAsync(scene, (await SyncAsync(scene)).Id);

        Assert.Equal((OperationPhase.Failed, 3), (ended!.Phase, ended.Attempt));
        Assert.StartsWith($"ConfigMap {scene.Name}-late/one: ", ended.Message, StringComparison.Ordinal);
        var entry = Assert.Single(await HistoryAsync(scene));
        Assert.Equal((ended.Id, automated ? "commit" : "user", "Failed", 3, ended.Message), (entry.Id, entry.Trigger, entry.Result, entry.Attempts, entry.Error));
    }

    [Fact]
    public async Task Terminate_BetweenTries_EndsTheOperationForGood()
    {
        var scene = await StartAsync("limit: 5, backoff: {duration: 1h, max: 1h}", automated: true);
        var waiting = await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation, operation => operation?.NextAttempt is not null, "the wait for the next try");

        await scene.Rest.CommandAsync(scene.Of(App), "terminate");

        var ended = (await scene.GetTargetAsync(App)).Operation!;
        Assert.Equal((waiting!.Id, OperationPhase.Terminated), (ended.Id, ended.Phase));
        Assert.StartsWith($"terminated by request; the last try failed: ConfigMap {scene.Name}-late/one: ", ended.Message, StringComparison.Ordinal);
        await scene.Server.Client.CreateNamespaceAsync($"{scene.Name}-late");
        await scene.Rest.CommandAsync(scene.Of(App), "refresh");
        Assert.Equal(ended.Id, (await scene.GetTargetAsync(App)).Operation!.Id);
        var entry = Assert.Single(await HistoryAsync(scene));
        Assert.Equal(("Terminated", ended.Message), (entry.Result, entry.Error));
    }

    [Fact]
    public async Task NewerCommit_BetweenTries_OvertakesTheOperation()
    {
        var scene = await StartAsync("limit: 5, backoff: {duration: 1h, max: 1h}", automated: true);
        var waiting = await Eventually.GetAsync(async () => (await scene.GetTargetAsync(App)).Operation, operation => operation?.NextAttempt is not null, "the wait for the next try");

        await scene.WriteConfigMapAsync($"{App}/one.yaml", "one", "first");
        var commit = await scene.PushAsync("The right namespace", App);
        await scene.SyncedAsync(App, commit);

        var history = await Eventually.GetAsync(() => HistoryAsync(scene), entries => entries.Count == 2, "two operations in the history");
        Assert.Equal(["Succeeded", "Superseded"], history.Select(entry => entry.Result));
        Assert.Equal(waiting!.Id, history[1].Id);
        Assert.StartsWith($"overtaken by {commit}; the last try failed: ConfigMap {scene.Name}-late/one: ", history[1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_BetweenTries_LeavesTheOperationWaiting()
    {
        var scene = await StartAsync("limit: 5, backoff: {duration: 1h, max: 1h}");
        var asked = await SyncAsync(scene);
        var waiting = await BetweenTriesAsync(scene, asked.Id);

        var tried = await scene.Rest.CommandAsync(scene.Of(App), "sync", """{"dryRun": true}""");

        Assert.Equal(OperationPhase.Failed, tried.Phase);
        var still = await scene.Rest.GetAsync<OperationView>($"operations/{asked.Id}");
        Assert.Equal((OperationPhase.Running, waiting.Attempt, waiting.NextAttempt), (still.Phase, still.Attempt, still.NextAttempt));
        // A sync that is asked for anew tries at once.
        await scene.Server.Client.CreateNamespaceAsync($"{scene.Name}-late");
        Assert.Equal(OperationPhase.Succeeded, (await scene.Rest.CommandAsync(scene.Of(App), "sync")).Phase);
        var overtaken = await EndAsync(scene, asked.Id);
        Assert.Equal(OperationPhase.Failed, overtaken.Phase);
        Assert.StartsWith("overtaken by a sync that was asked for; the last try failed: ", overtaken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suspend_BetweenTries_EndsTheOperation()
    {
        var scene = await StartAsync("limit: 5, backoff: {duration: 1h, max: 1h}");
        var asked = await SyncAsync(scene);
        await BetweenTriesAsync(scene, asked.Id);

        await scene.Rest.CommandAsync(scene.Of(App), "suspend");

        var ended = await EndAsync(scene, asked.Id);
        Assert.Equal(OperationPhase.Failed, ended.Phase);
        Assert.StartsWith("suspended; the last try failed: ", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TriesThatEachApplySomething_AreOneEntryOfTheHistoryWithAllOfIt()
    {
        var scene = await fleet.NewSceneAsync();
        var quota = $"/api/v1/namespaces/{scene.Name}/resourcequotas";
        await scene.Server.Client.PostAsync(quota, """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"few"},"spec":{"hard":{"count/services":"2"}}}""");
        await Eventually.TrueAsync(async () => (await scene.Server.Client.GetJsonAsync($"{quota}/few")).GetProperty("status").TryGetProperty("used", out _), "a quota that counts");
        for (var index = 0; index < 5; index++)
            await scene.Work.WriteAsync($"{App}/s{index}.yaml", $"apiVersion: v1\nkind: Service\nmetadata: {{name: s{index}}}\nspec: {{ports: [{{port: 80}}]}}\n");
        await scene.PushAsync("More than the quota allows");
        await PutAsync(scene, "limit: 50, backoff: {duration: 1s, factor: 1, max: 1s}", automated: false, more: ", onFailure: continue");
        var asked = await SyncAsync(scene);
        await BetweenTriesAsync(scene, asked.Id);
        var first = Assert.Single(await HistoryAsync(scene));
        Assert.Equal("PartiallyApplied", first.Result);
        Assert.Equal(2, first.Objects.Count(item => item.Action == "Created"));
        await scene.Server.Client.PatchAsync($"{quota}/few", """{"spec":{"hard":{"count/services":"9"}}}""");

        Assert.Equal(OperationPhase.Succeeded, (await EndAsync(scene, asked.Id)).Phase);

        var entry = Assert.Single(await HistoryAsync(scene));
        Assert.Equal("Succeeded", entry.Result);
        Assert.Equal(
            Enumerable.Range(0, 5).Select(index => $"/Service:{scene.Name}/s{index} Created"),
            entry.Objects.Select(item => $"{item.Object} {item.Action}").Order(StringComparer.Ordinal));
    }

    /// <summary>An application whose one object lies in a namespace that is not there.</summary>
    private async Task<Scene> StartAsync(string retry, bool automated = false)
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync($"{App}/one.yaml", Late(scene, "one"));
        await scene.PushAsync("Too early");
        await PutAsync(scene, retry, automated);
        return scene;
    }

    private static string Late(Scene scene, string name) => Scene.ConfigMap(name, "first", $", namespace: {scene.Name}-late");

    private static Task<ApplyResponse> PutAsync(Scene scene, string retry, bool automated, string more = "") => scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{scene.Of(App)}}"}
        spec:
          source: {repository: {{scene.Name}}, ref: main, path: {{App}} }
          destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}} }
          sync: {automated: {{(automated ? "true" : "false")}}, retry: { {{retry}} }{{more}} }
        """);

    private static Task<OperationView> SyncAsync(Scene scene) =>
        scene.Rest.SendAsync<OperationView>(HttpMethod.Post, $"applications/default/{scene.Of(App)}:sync", "{}", "application/json");

    private static Task<OperationView> BetweenTriesAsync(Scene scene, string id) => Eventually.GetAsync(
        () => scene.Rest.GetAsync<OperationView>($"operations/{id}"), operation => operation.NextAttempt is not null, "the wait for the next try");

    private static Task<OperationView> EndAsync(Scene scene, string id) => Eventually.GetAsync(
        () => scene.Rest.GetAsync<OperationView>($"operations/{id}"), operation => operation.Phase is not (OperationPhase.Pending or OperationPhase.Running), "the end of the operation");

    private static Task<IReadOnlyList<HistoryView>> HistoryAsync(Scene scene) =>
        scene.HistoryAsync(App);
}
