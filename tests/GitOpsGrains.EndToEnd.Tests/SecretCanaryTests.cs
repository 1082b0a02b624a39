using System.Collections.Concurrent;
using System.Text;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>Values of Secrets, in Git and in the cluster, that must show in no answer, event or log, in no form.</summary>
public sealed class SecretCanaryTests(SharedFleet fleet)
{
    private const string App = "app";
    private const string InGit = "canary-in-git-7f3a";
    private const string InCluster = "canary-in-cluster-9c1b";

    [Fact]
    public async Task Values_OfDriftedFoughtAndRefusedSecrets_ShowNowhere()
    {
        var scene = await fleet.NewSceneAsync();
        using var stop = new CancellationTokenSource();
        var events = new ConcurrentQueue<string>();
        var watching = ListenAsync(scene, events, stop.Token);
        await WriteAsync(scene, "app/secret.yaml", "creds", $"key: {InGit}", "data: {same: \"" + Base64("canary-same-7f3a") + "\"}");
        var commit = await scene.PushAsync("A secret");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);

        // A fight, with the plain value in another tool's copy too.
        for (var round = 1; round <= 3; round++)
        {
            await scene.Server.Client.PatchAsync(PathOf(scene), $$$"""
                {"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"stringData\":{\"key\":\"{{{InCluster}}}\"}}"}},"stringData":{"key":"{{{InCluster}}}-{{{round}}}","added":"{{{InCluster}}}"}}
                """, manager: "rogue");
            await Eventually.TrueAsync(async () => await ValueAsync(scene) == Base64(InGit), "the secret as in Git", TimeSpan.FromSeconds(60));
        }
        var fight = await scene.ConditionAsync(App, "Fight");
        Assert.Contains("rogue keeps changing /data/key (Git: *** (changed), theirs: ***)", fight.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", await AnswersAsync(scene), StringComparison.Ordinal);

        // Drift that stays, and what a sync would do about it.
        await scene.PutApplicationAsync(App, selfHeal: false, sync: ", foreignFields: report");
        await scene.Server.Client.PatchAsync(PathOf(scene), $$$"""{"stringData":{"key":"{{{InCluster}}}"}}""", manager: "rogue");
        var drift = await Eventually.GetAsync(
            async () => (await scene.GetTargetAsync(App)).Objects!.Single().Drift, found => found.Count > 0, "drift", TimeSpan.FromSeconds(40));
        Assert.Equal([("/data/key", "*** (changed)", "***")], drift.Select(field => (field.Path, field.From, field.To)));
        var diff = await scene.Rest.GetAsync<DiffView>($"applications/default/{scene.Of(App)}/diff");
        Assert.Contains("-  key: \"***\"\n+  key: \"*** (changed)\"\n", diff.Targets.Single().Objects.Single().Diff!.Replace('\'', '"'), StringComparison.Ordinal);

        // A revision that is not merged, a refused object, and one that can't be read.
        await scene.Work.BranchAsync("next");
        await WriteAsync(scene, "app/secret.yaml", "creds", $"key: {InGit}-next");
        await scene.Work.CommitAsync("Next");
        await scene.Work.PushAsync();
        Assert.Equal("update", (await scene.Rest.GetAsync<DiffView>($"applications/default/{scene.Of(App)}/diff?revision=next")).Targets.Single().Objects.Single().Change);
        await scene.Work.SwitchAsync("main");
        await WriteAsync(scene, "app/refused.yaml", "refused", $"\"not a key!\": {InGit}");
        await scene.PushAsync("Refused", App);
        await scene.ConditionAsync(App, "ApplyFailed");
        var all = await AnswersAsync(scene);
        await WriteAsync(scene, "app/refused.yaml", "refused", $"key: \"{InGit}\n  : {{ [");
        await scene.PushAsync("Unreadable", App);
        await scene.ConditionAsync(App, "RenderFailed");
        all += await AnswersAsync(scene);
        await stop.CancelAsync();
        await watching;

        foreach (var canary in (string[])["canary", Base64(InGit)[..12], Base64(InCluster)[..12], Base64("canary-same-7f3a")[..12]])
        {
            Assert.DoesNotContain(canary, all, StringComparison.Ordinal);
            Assert.DoesNotContain(canary, string.Concat(events), StringComparison.Ordinal);
        }
        Assert.Contains(scene.Of(App), string.Concat(events), StringComparison.Ordinal);
    }

    private static async Task<string> AnswersAsync(Scene scene)
    {
        var (text, path) = (new StringBuilder(), $"applications/default/{scene.Of(App)}");
        foreach (var route in (string[])[path, $"{path}/targets", $"{path}/targets/{scene.Cluster}", $"{path}/diff", $"{path}/diff?revision=next", $"{path}/history", $"{path}/manifests", $"{path}/events", "applications", $"repositories/{scene.Name}"])
            text.Append((await scene.Rest.TrySendAsync(HttpMethod.Get, route)).Body);
        text.Append(await scene.Rest.CommandAsync(scene.Of(App), "sync", "{}"));
        return text.ToString();
    }

    private static Task WriteAsync(Scene scene, string file, string name, string data, string more = "") => scene.Work.WriteAsync(file, $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: {{name}}}
        stringData:
          {{data}}
        {{more}}
        """);

    private static async Task ListenAsync(Scene scene, ConcurrentQueue<string> events, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await scene.Rest.Http.GetStreamAsync("watch", cancellationToken);
            using var lines = new StreamReader(stream);
            while (await lines.ReadLineAsync(cancellationToken) is { } line) events.Enqueue(line);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static string PathOf(Scene scene) => $"/api/v1/namespaces/{scene.Name}/secrets/creds";

    private static async Task<string?> ValueAsync(Scene scene) => (await scene.Server.Client.GetJsonAsync(PathOf(scene))).GetProperty("data").GetProperty("key").GetString();

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
