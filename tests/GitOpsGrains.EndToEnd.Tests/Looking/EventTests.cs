using System.Globalization;
using System.Net;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.V1;

namespace GitOpsGrains.EndToEnd.Tests.Looking;

/// <summary>Events that others wrote, of an application's objects and of what they own; the same on a real server and on a simulated cluster.</summary>
public abstract class EventTests(ISceneMaker scenes)
{
    private const string App = "app";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_OfTheObjectsAndOfWhatTheyOwn_AreToldByBothFaces()
    {
        var scene = await StartAsync();
        var (web, creds) = (await UidAsync(scene, "apis/apps/v1", "deployments/web"), await UidAsync(scene, "api/v1", "secrets/creds"));
        var owned = await OwnAsync(scene, web);
        await WriteAsync(scene, "first", "Deployment", "web", web, minute: 1, "all is well");
        await WriteAsync(scene, "second", "ReplicaSet", "web-old", owned, minute: 3, "quota\\u001b[31m exceeded\\nBearer abcdefghijkl");
        await WriteAsync(scene, "third", "Secret", "creds", creds, minute: 2, "canary-of-a-secret");
        await WriteAsync(scene, "foreign", "ConfigMap", "other", "4c7d1f0e-0000-0000-0000-000000000000", minute: 4, "none of ours");
        var path = $"applications/default/{scene.Of(App)}/events";

        var text = (await scene.Rest.TrySendAsync(HttpMethod.Get, path)).Body;

        using var channel = new FleetChannel(scene.Host.GrpcUrl, scene.Host.Token);
        var answer = await channel.Fleet.ListEventsAsync(new ListEventsRequest { Project = "default", Name = scene.Of(App) }, cancellationToken: Stop);
        SameAnswer.Assert(text, answer);
        Assert.Equal(
            [
                ($"apps/ReplicaSet:{scene.Name}/web-old", $"apps/Deployment:{scene.Name}/web", "quota [31m exceeded Bearer ***"),
                ($"/Secret:{scene.Name}/creds", "", "***"),
                ($"apps/Deployment:{scene.Name}/web", "", "all is well"),
            ],
            answer.Items.Select(item => (item.Object, item.Owner, item.Message)));
        Assert.All(answer.Items, item => Assert.Equal(("Warning", "Told", 2, "teller"), (item.Type, item.Reason, item.Count, item.Source)));
        Assert.Equal((3, "", scene.Cluster, 0), (answer.Total, answer.ContinueToken, answer.Cluster, answer.Notes.Count));
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);

        // In pages, while another one comes.
        var first = await scene.Rest.GetAsync<EventsView>($"{path}?limit=2");
        await WriteAsync(scene, "late", "Deployment", "web", web, minute: 9, "too late for this page");
        var second = await scene.Rest.GetAsync<EventsView>($"{path}?limit=2&continue={first.Continue}");
        Assert.Equal(answer.Items.Select(item => item.Message), first.Items.Concat(second.Items).Select(item => item.Message));
        Assert.Equal((null, 4), (second.Continue, second.Total));
    }

    [Fact]
    public async Task Events_OfOneObject_AreThoseOfItAndWhatItOwns()
    {
        var scene = await StartAsync();
        var web = await UidAsync(scene, "apis/apps/v1", "deployments/web");
        await WriteAsync(scene, "first", "Deployment", "web", web, minute: 1, "of the deployment");
        await WriteAsync(scene, "second", "ReplicaSet", "web-old", await OwnAsync(scene, web), minute: 2, "of what it owns");
        await WriteAsync(scene, "third", "Secret", "creds", await UidAsync(scene, "api/v1", "secrets/creds"), minute: 3, "of a secret");
        var path = $"applications/default/{scene.Of(App)}/events?cluster={scene.Cluster}&object=";

        Assert.Equal(["of what it owns", "of the deployment"], await MessagesAsync("Deployment/web"));
        Assert.Equal(["of what it owns", "of the deployment"], await MessagesAsync($"apps/Deployment:{scene.Name}/web"));
        Assert.Equal(["of what it owns"], await MessagesAsync("ReplicaSet/web-old"));
        Assert.Equal(["***"], await MessagesAsync("Secret/creds"));
        foreach (var other in new[] { "ConfigMap/other", $"/Secret:kube-system/creds", "Deployment/creds" })
        {
            var refused = await scene.Rest.TrySendAsync(HttpMethod.Get, path + Uri.EscapeDataString(other));
            Assert.Equal((HttpStatusCode.NotFound, $"{other} is no object of default/{scene.Of(App)} on cluster {scene.Cluster}, nor owned by one"), (refused.Status, refused.Problem?.Detail));
        }

        async Task<string[]> MessagesAsync(string id) => [.. (await scene.Rest.GetAsync<EventsView>(path + Uri.EscapeDataString(id))).Items.Select(item => item.Message)];
    }

    [Fact]
    public async Task Manifests_OfRevisionsOfTheHistory_AreThoseThatWereApplied()
    {
        var scene = await scenes.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await scene.WriteConfigMapAsync("app/two.yaml", "two", "first");
        var first = await scene.PushAsync("First");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, first);
        await scene.HistoryAsync(App, first);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        await scene.Work.DeleteAsync("app/two.yaml");
        var second = await scene.PushAsync("Second", App);
        await scene.SyncedAsync(App, second);
        await scene.HistoryAsync(App, second);
        var path = $"applications/default/{scene.Of(App)}/manifests";
        using var channel = new FleetChannel(scene.Host.GrpcUrl, scene.Host.Token);

        Assert.Equal([$"{second} one second"], await LinesAsync(""));
        Assert.Equal([$"{second} one second"], await LinesAsync(second));
        Assert.Equal([$"{first} one first", $"{first} two first"], await LinesAsync(first));
        Assert.Equal([$"{first} one first", $"{first} two first"], await LinesAsync(first[..7].ToUpperInvariant()));
        var unknown = await scene.Rest.TrySendAsync(HttpMethod.Get, $"{path}?revision={new string('0', 40)}");
        Assert.Equal(
            (HttpStatusCode.NotFound, $"revision {new string('0', 40)} is none that default/{scene.Of(App)} was synced to on cluster {scene.Cluster}"), (unknown.Status, unknown.Problem?.Detail));

        async Task<string[]> LinesAsync(string revision)
        {
            var answer = await channel.Fleet.GetManifestsAsync(new GetManifestsRequest { Project = "default", Name = scene.Of(App), Cluster = scene.Cluster, Revision = revision }, cancellationToken: Stop);
            SameAnswer.Assert((await scene.Rest.TrySendAsync(HttpMethod.Get, $"{path}?cluster={scene.Cluster}&revision={revision}")).Body, answer);
            return [.. answer.Items.Select(item => $"{answer.Revision} {item.Object.Split('/')[^1]} {item.Manifest.Fields["data"].StructValue.Fields["key"].StringValue}")];
        }
    }

    /// <summary>A synced application with a Deployment of no pods and a Secret.</summary>
    protected async Task<Scene> StartAsync()
    {
        var scene = await scenes.NewSceneAsync();
        await scene.Work.WriteAsync("app/all.yaml", """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec: {replicas: 0, selector: {matchLabels: {app: web} }, template: {metadata: {labels: {app: web} }, spec: {containers: [{name: main, image: main}]} } }
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: creds}
            stringData: {a: canary-in-git}
            """);
        var commit = await scene.PushAsync("All of it");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    private static async Task<string> UidAsync(Scene scene, string api, string path) => (await scene.Kube.GetJsonAsync($"/{api}/namespaces/{scene.Name}/{path}")).Metadata("uid");

    /// <summary>What controllers make for a Deployment; its uid.</summary>
    private static async Task<string> OwnAsync(Scene scene, string owner) => (await scene.Kube.PostAsync($"/apis/apps/v1/namespaces/{scene.Name}/replicasets", $$$"""
        {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-old","ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"{{{owner}}}"}]},
         "spec":{"replicas":0,"selector":{"matchLabels":{"app":"old"} },"template":{"metadata":{"labels":{"app":"old"} },"spec":{"containers":[{"name":"main","image":"main"}]} } } }
        """)).Metadata("uid");

    private static async Task WriteAsync(Scene scene, string name, string kind, string about, string uid, int minute, string message)
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, minute, 0, TimeSpan.Zero).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var version = kind is "Deployment" or "ReplicaSet" ? "apps/v1" : "v1";
        await scene.Kube.PostAsync($"/api/v1/namespaces/{scene.Name}/events", $$$"""
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"{{{name}}}"},"type":"Warning","reason":"Told","message":"{{{message}}}","count":2,
             "firstTimestamp":"2026-01-02T03:00:00Z","lastTimestamp":"{{{at}}}","source":{"component":"teller"},
             "involvedObject":{"apiVersion":"{{{version}}}","kind":"{{{kind}}}","namespace":"{{{scene.Name}}}","name":"{{{about}}}","uid":"{{{uid}}}"} }
            """);
    }
}

public sealed class EventOnRealServerTests(SharedFleet fleet) : EventTests(fleet);

public sealed class EventOnSimulationTests(SharedFleet fleet) : EventTests(fleet.Simulated)
{
    [Fact]
    public async Task Logs_OfASimulatedPod_AreRefusedInItsWords()
    {
        var scene = await StartAsync();
        var web = (await scene.Kube.GetJsonAsync($"/apis/apps/v1/namespaces/{scene.Name}/deployments/web")).Metadata("uid");
        await scene.Kube.PostAsync($"/api/v1/namespaces/{scene.Name}/pods", $$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"{{{web}}}"}]},"spec":{"containers":[{"name":"main","image":"main"}]} }
            """);

        var refused = await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of("app")}/logs?object=Pod/p");

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("their pods have no containers", refused.Problem!.Detail, StringComparison.Ordinal);
    }
}
