using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>
/// An autoscaler that Git does not know scales a workload whose replicas Git sets. A class of its own: a watch without
/// events counts as stale after a leap, until the server's next bookmark.
/// </summary>
public sealed class AutoscalerTests(PacedFleet fleet) : IClassFixture<PacedFleet>
{
    private const string App = "app";

    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: "registry.example.com/web:1"}]}
        """;

    [Fact]
    public async Task Heal_OfReplicasThatAnAutoscalerSets_IsPrecededByANotice()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("app/web.yaml", Deployment);
        var commit = await scene.PushAsync("A workload with its replicas");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        var path = $"/apis/apps/v1/namespaces/{scene.Name}/deployments/web";
        var autoscalers = $"/apis/autoscaling/v1/namespaces/{scene.Name}/horizontalpodautoscalers";
        await scene.Server.Client.PostAsync(autoscalers, """
            {"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"busy"},
             "spec":{"maxReplicas":9,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"} } }
            """);
        var before = fleet.RequestsIn(scene).Count();

        await scene.Server.Client.PatchAsync($"{path}/scale", """{"spec":{"replicas":5} }""", manager: "kube-controller-manager");
        var said = await scene.ConditionAsync(App, "Autoscaled");
        await Eventually.TrueAsync(
            async () => (await scene.Server.Client.GetJsonAsync(path)).GetProperty("spec").GetProperty("replicas").GetInt32() == 2, "the replicas of Git");

        Assert.Equal(
            $"paced: the HorizontalPodAutoscaler {scene.Name}/busy scales the Deployment {scene.Name}/web, "
            + "and Git sets its spec.replicas: each undoes the other; leave spec.replicas out of Git", said.Message);
        Assert.Equal($"apps/Deployment:{scene.Name}/web", said.Object);
        string[] Asked() => [.. fleet.RequestsIn(scene).Skip(before).Where(request => request.Verb == "list" || request.IsWrite).Select(request => $"{request.Verb} {request.Resource}").Take(2)];
        // A request is noted when it has been answered, which is after others can see what it did.
        await Eventually.TrueAsync(() => Task.FromResult(Asked().Length == 2), "two requests");
        Assert.Equal(["list horizontalpodautoscalers", "patch deployments"], Asked());

        await scene.Server.Client.DeleteAsync($"{autoscalers}/busy");
        fleet.Clock.Leap(TimeSpan.FromMinutes(4));
        await Eventually.GetAsync(
            async () => (await scene.GetAsync(App)).Status.Conditions.Count(condition => condition.Type == "Autoscaled"), count => count == 0, "no autoscaler any more");
    }
}
