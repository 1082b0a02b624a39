using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Writing;

/// <summary>onFailure: restore. A commit that fails half-way leaves what it changed as it was before.</summary>
public sealed class RestoreTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task SyncThatFailsHalfWay_GivesBackTheManifestsOfTheLastGoodCommit()
    {
        var scene = await fleet.NewSceneAsync();
        await AllowOneServiceAsync(scene);
        await scene.WriteConfigMapAsync("app/a.yaml", "changed", "one");
        await scene.WriteConfigMapAsync("app/b.yaml", "same", "one");
        var good = await scene.PushAsync("Begin");
        await PutApplicationAsync(scene);
        await scene.SyncedAsync(App, good);
        var same = await scene.FindLiveAsync("same");

        await scene.WriteConfigMapAsync("app/a.yaml", "changed", "two");
        await scene.Work.WriteAsync("app/s.yaml", Service("s1") + "---\n" + Service("s2"));
        await scene.PushAsync("Ask for too much", App);

        var restored = await scene.ConditionAsync(App, "Restored");
        Assert.Matches($"^{scene.Cluster}: 1 objects have the manifests of {good[..8]} again; left as they are, since {good[..8]} does not have them: Service {scene.Name}/s[12]$", restored.Message);
        Assert.Equal("one", (await scene.FindLiveAsync("changed")).Value);
        Assert.Equal(same, await scene.FindLiveAsync("same"));
        Assert.Equal("OutOfSync", (await scene.GetAsync(App)).Status.Sync);

        // The next commit starts from there.
        await scene.Work.DeleteAsync("app/s.yaml");
        var mended = await scene.PushAsync("Ask for less", App);
        await scene.SyncedAsync(App, mended);
        Assert.Equal("two", (await scene.FindLiveAsync("changed")).Value);
    }

    private static async Task PutApplicationAsync(Scene scene) => await scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{scene.Of(App)}}"}
        spec:
          source: {repository: {{scene.Name}}, ref: main, path: app}
          destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}}}
          sync: {automated: true, prune: true, onFailure: restore, retry: {limit: 0} }
        """);

    /// <summary>Two are refused by their sum alone, which no dry run of one of them can show.</summary>
    private static async Task AllowOneServiceAsync(Scene scene)
    {
        var path = $"/api/v1/namespaces/{scene.Name}/resourcequotas";
        await scene.Server.Client.PostAsync(path, """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"one"},"spec":{"hard":{"services":"1"}}}""");
        await Eventually.TrueAsync(
            async () => (await scene.Server.Client.GetJsonAsync($"{path}/one")).GetProperty("status").TryGetProperty("used", out _), "a quota that counts");
    }

    private static string Service(string name) => $$"""
        {apiVersion: v1, kind: Service, metadata: {name: {{name}} }, spec: {selector: {app: web}, ports: [{port: 80, protocol: TCP}] } }

        """;
}
