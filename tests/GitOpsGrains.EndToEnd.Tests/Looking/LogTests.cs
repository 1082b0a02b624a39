using System.Net;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.V1;

namespace GitOpsGrains.EndToEnd.Tests.Looking;

/// <summary>Logs of pods, through a real API server and the kubelet that it asks.</summary>
public sealed class LogTests(SharedFleet fleet)
{
    private const string App = "app";
    private const string Text = "first line\nsecond \u001b[31mline\n";

    [Fact]
    public async Task Logs_OfAPodOfTheApplication_AreToldByBothFaces_AndOfOthersRefused()
    {
        var scene = await fleet.NewSceneAsync();
        await using var kubelet = await KubeletStandIn.StartAsync(scene.Server, Text);
        await scene.Work.WriteAsync("app/pod.yaml", $$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: main}
            spec: {nodeName: {{kubelet.Node}}, containers: [{name: one, image: main}, {name: two, image: main}]}
            """);
        await scene.PushAsync("A pod");
        await scene.PutApplicationAsync(App);
        await Testing.Eventually.TrueAsync(async () => (await scene.GetAsync(App)).Status.Sync == "Synced", "the pod");
        var pod = (await scene.Kube.GetJsonAsync($"/api/v1/namespaces/{scene.Name}/pods/main")).Metadata("uid");
        await CreateAsync("owned", $$$""", "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"main","uid":"{{{pod}}}"}]""");
        await CreateAsync("foreign", "");
        var path = $"applications/default/{scene.Of(App)}/logs";
        using var channel = new FleetChannel(scene.Host.GrpcUrl, scene.Host.Token);

        var answer = await channel.Fleet.GetLogsAsync(
            new GetLogsRequest { Project = "default", Name = scene.Of(App), Object = "Pod/main", Container = "two", Tail = 7 }, cancellationToken: TestContext.Current.CancellationToken);
        SameAnswer.Assert((await scene.Rest.TrySendAsync(HttpMethod.Get, $"{path}?object=/Pod:{scene.Name}/main&container=two&tail=7&cluster={scene.Cluster}")).Body, answer);
        Assert.Equal((Text, false, $"/Pod:{scene.Name}/main", "two", scene.Cluster), (answer.Text, answer.Cut, answer.Object, answer.Container, answer.Cluster));
        Assert.Equal(2, kubelet.Asked.Count);
        Assert.All(kubelet.Asked, asked => Assert.StartsWith($"/containerLogs/{scene.Name}/main/two?", asked, StringComparison.Ordinal));
        Assert.All(kubelet.Asked, asked => Assert.Contains("tailLines=7", asked, StringComparison.Ordinal));
        Assert.All(kubelet.Asked, asked => Assert.Contains("limitBytes=524289", asked, StringComparison.Ordinal));

        await RefusedAsync("object=Pod/main", HttpStatusCode.BadRequest, $"Pod {scene.Name}/main: a container name must be specified for pod main, choose one of: [one two]");
        await RefusedAsync("object=Pod/main&container=three", HttpStatusCode.BadRequest, $"Pod {scene.Name}/main: container three is not valid for pod main");
        foreach (var other in new[] { "Pod/foreign", "Pod/none", $"/Pod:{scene.Name}/foreign", "/Pod:kube-system/main" })
            await RefusedAsync($"object={other}", HttpStatusCode.NotFound, $"{other} is no pod of default/{scene.Of(App)} on cluster {scene.Cluster}");
        Assert.Equal(2, kubelet.Asked.Count);

        Task CreateAsync(string name, string owners) => scene.Kube.PostAsync($"/api/v1/namespaces/{scene.Name}/pods", $$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"{{{owners}}}},"spec":{"nodeName":"{{{kubelet.Node}}}","containers":[{"name":"one","image":"main"}]} }
            """);

        async Task RefusedAsync(string query, HttpStatusCode status, string detail)
        {
            var refused = await scene.Rest.TrySendAsync(HttpMethod.Get, $"{path}?{query}");
            Assert.Equal((status, detail), (refused.Status, refused.Problem?.Detail));
        }
    }

    [Fact]
    public async Task Logs_OfAPodThatADeploymentOwns_AreTold()
    {
        var scene = await fleet.NewSceneAsync();
        await using var kubelet = await KubeletStandIn.StartAsync(scene.Server, Text);
        await scene.Work.WriteAsync("app/web.yaml", $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec: {replicas: 1, selector: {matchLabels: {app: web} }, template: {metadata: {labels: {app: web} }, spec: {nodeName: {{kubelet.Node}}, containers: [{name: main, image: main}]} } }
            """);
        await scene.PushAsync("A deployment");
        await scene.PutApplicationAsync(App);
        var pod = await Testing.Eventually.GetAsync(
            async () => (await scene.Kube.GetJsonAsync($"/api/v1/namespaces/{scene.Name}/pods")).GetProperty("items").EnumerateArray().Select(item => item.Metadata("name")).FirstOrDefault(),
            name => name is not null, "its pod");

        var logs = await scene.Rest.GetAsync<LogsView>($"applications/default/{scene.Of(App)}/logs?object=Pod/{pod}");

        Assert.Equal((Text, $"/Pod:{scene.Name}/{pod}"), (logs.Text, logs.Object));
        Assert.Contains("tailLines=200", Assert.Single(kubelet.Asked), StringComparison.Ordinal);
        var events = await scene.Rest.GetAsync<EventsView>($"applications/default/{scene.Of(App)}/events");
        // The controllers' own: of the Deployment, and of the ReplicaSet that it owns.
        Assert.Contains(events.Items, item => item is { Object: var about, Reason: "SuccessfulCreate", Owner: not null } && about.StartsWith($"apps/ReplicaSet:{scene.Name}/web-", StringComparison.Ordinal));
        Assert.Contains(events.Items, item => item is { Reason: "ScalingReplicaSet", Owner: null } && item.Object == $"apps/Deployment:{scene.Name}/web");
    }
}
