using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>The main job from end to end, on a cluster of its own: other writers would blur the counts.</summary>
public abstract class FirstLightTests(IFleetStage fleet)
{
    private const string Space = "shop";
    private const string Name = "default/shop";
    private const int Many = 300;

    private ApiClient Kube => fleet.Kube;
    private FleetApi Api => fleet.Api;

    [Fact]
    public async Task The_cluster_follows_Git_through_edits_drift_prune_revert_and_a_kill_in_the_middle_of_a_sync()
    {
        var work = await fleet.Git.CreateRepositoryAsync(Space);
        await RegisterAndSyncAsync(work);
        await EditInGitAsync(work);
        await HealDriftAsync();
        await PruneAndRevertAsync(work);
        var present = await KillInTheMiddleOfASyncAsync(work);
        await RestartAsync(work, present);
        await RestartWithNothingToDoAsync();
    }

    private async Task RegisterAndSyncAsync(GitWorkspace work)
    {
        await work.WriteAsync("app/config.yaml", Manifests.ConfigMap("one", "1") + Manifests.ConfigMap("two", "1"));
        await work.WriteAsync("app/extra.yaml", Manifests.ConfigMap("extra", "kept"));
        await work.WriteAsync("app/web.yaml", Web);
        var commit = await work.CommitAsync("Open the shop");
        await work.PushAsync();

        var said = await fleet.Ctl.ApplyAsync(
            Manifests.Repository(Space, work.Url) + fleet.ClusterDocument(FleetFixture.Cluster)
            + Manifests.Application(Space, Space, sync: "{automated: true, prune: true, selfHeal: true, options: [CreateNamespace=true]}"));
        Assert.Contains($"application/{Name} created", said, StringComparison.Ordinal);
        await fleet.Ctl.SucceedAsync("app", "wait", Space, "--timeout", "60s");

        Assert.Equal(commit, (await Api.ApplicationAsync(Name)).Status.Revision);
        Assert.Equal("1", await Kube.ValueAsync(Space, "one"));
        var service = await Kube.GetJsonAsync($"/api/v1/namespaces/{Space}/services/web");
        Assert.Equal(80, service.GetProperty("spec").GetProperty("ports")[0].GetProperty("port").GetInt32());
        Assert.Equal("0", (await Kube.GetJsonAsync($"/apis/apps/v1/namespaces/{Space}/deployments/web")).GetProperty("spec").GetProperty("replicas").ToString());
    }

    private async Task EditInGitAsync(GitWorkspace work)
    {
        // Nobody asks: the poll finds it.
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "2") + Manifests.ConfigMap("two", "1"));
        await fleet.Ctl.SucceedAsync("app", "wait", Space, "--revision", commit, "--timeout", "60s");
        Assert.Equal("2", await Kube.ValueAsync(Space, "one"));
    }

    private async Task HealDriftAsync()
    {
        await Kube.PatchAsync(KubeExtensions.ConfigMapPath(Space, "one"), """{"data":{"value":"mine"}}""");
        await Kube.WaitValueAsync(Space, "one", "2");

        await Kube.DeleteAsync(KubeExtensions.ConfigMapPath(Space, "two"));
        await Kube.WaitValueAsync(Space, "two", "1");

        await Kube.PatchAsync(KubeExtensions.ConfigMapPath(Space, "extra"), """{"metadata":{"labels":{"gitopsgrains.io/managed":null}}}""");
        await Eventually.GetAsync(
            async () => (await Kube.GetJsonAsync(KubeExtensions.ConfigMapPath(Space, "extra"))).Mark("labels", "gitopsgrains.io/managed"),
            label => label == "true", "the label to be put back");
        await Api.WaitAsync(Name, status => status.Sync == "Synced", "Synced after the drift");
    }

    private async Task PruneAndRevertAsync(GitWorkspace work)
    {
        var uid = await Kube.UidAsync(Space, "one");
        await work.DeleteAsync("app/extra.yaml");
        var commit = await work.CommitAsync("Close the extra room");
        await work.PushAsync();
        await Api.SyncedAfterRefreshAsync(Name, commit);
        Assert.Null(await Kube.ValueAsync(Space, "extra"));
        Assert.Equal("2", await Kube.ValueAsync(Space, "one"));

        commit = await work.RevertAsync();
        await work.PushAsync();
        await Api.SyncedAfterRefreshAsync(Name, commit);
        Assert.Equal("kept", await Kube.ValueAsync(Space, "extra"));
        Assert.Equal(uid, await Kube.UidAsync(Space, "one"));
    }

    /// <summary>Returns uid and resourceVersion of all that was there after the kill.</summary>
    private async Task<Dictionary<string, (string Uid, string Version)>> KillInTheMiddleOfASyncAsync(GitWorkspace work)
    {
        await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, "1"));
        await Api.StartAsync(Name, "refresh");
        await Eventually.TrueAsync(async () => (await Kube.ConfigMapsAsync(Space)).Count > 10, "a sync that has begun");
        await fleet.Silo.KillAsync();
        await QuietAsync();

        var present = (await Kube.ConfigMapsAsync(Space)).ToDictionary(item => item.Key, item => (item.Value.Metadata("uid"), item.Value.Metadata("resourceVersion")));
        Assert.InRange(present.Count, 10, Many + 2);
        return present;
    }

    private async Task RestartAsync(GitWorkspace work, Dictionary<string, (string Uid, string Version)> present)
    {
        var before = await RequestCounts.ReadAsync(Kube);
        await fleet.Silo.StartAsync();
        await Api.WaitSyncedAsync(Name, await work.HeadAsync(), TimeSpan.FromSeconds(60));

        var now = await Kube.ConfigMapsAsync(Space);
        Assert.Equal(Many + 3, now.Count);
        Assert.All(now.Where(item => item.Key.StartsWith("item-", StringComparison.Ordinal)), item => Assert.Equal("1", item.Value.Value()));
        Assert.Equal(("2", "1", "kept"), (now["one"].Value(), now["two"].Value(), now["extra"].Value()));
        Assert.All(present, item => Assert.Equal(item.Value, (now[item.Key].Metadata("uid"), now[item.Key].Metadata("resourceVersion"))));

        var requests = (await RequestCounts.ReadAsync(Kube)).Since(before);
        Assert.Equal(0, requests.Of("DELETE", "configmaps"));
        Assert.Equal(now.Count - present.Count, requests.Writes("configmaps"));
    }

    private async Task RestartWithNothingToDoAsync()
    {
        var versions = (await Kube.ConfigMapsAsync(Space)).ToDictionary(item => item.Key, item => item.Value.Metadata("resourceVersion"));
        var before = await RequestCounts.ReadAsync(Kube);
        Assert.Equal(0, await fleet.Silo.StopAsync());
        await fleet.Silo.StartAsync();
        await Api.WaitAsync(Name, status => status.Sync == "Synced", "Synced after a restart");

        var requests = (await RequestCounts.ReadAsync(Kube)).Since(before);
        Assert.True(requests.Writes("configmaps") + requests.Writes("services") + requests.Writes("deployments") + requests.DryRuns() == 0, requests.ToString());
        Assert.Equal(versions, (await Kube.ConfigMapsAsync(Space)).ToDictionary(item => item.Key, item => item.Value.Metadata("resourceVersion")));
    }

    /// <summary>Waits until the server has worked off what the dead process had sent.</summary>
    private async Task QuietAsync()
    {
        var (last, times) = (-1L, 0);
        await Eventually.TrueAsync(async () =>
        {
            var writes = (await RequestCounts.ReadAsync(Kube)).Writes("configmaps");
            times = writes == last ? times + 1 : 0;
            last = writes;
            return times >= 5;
        }, "an API server without writes under way");
    }

    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 0
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: "registry.example.com/web:1", ports: [{containerPort: 8080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
        """;
}

public sealed class FirstLightOnRealServerTests(FirstLightOnRealServerTests.Fleet fleet) : FirstLightTests(fleet), IClassFixture<FirstLightOnRealServerTests.Fleet>
{
    public sealed class Fleet : FleetFixture;
}

public sealed class FirstLightOnSimulationTests(SimulatedFleetFixture fleet) : FirstLightTests(fleet), IClassFixture<SimulatedFleetFixture>;
