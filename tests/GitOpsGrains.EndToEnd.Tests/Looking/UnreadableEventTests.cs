using System.Net;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.EndToEnd.Tests.Syncing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Looking;

/// <summary>Clusters that can't be asked for events: one sentence says why, and manifests are shown all the same.</summary>
public sealed class UnreadableEventTests(SharedFleet fleet, RoleTests.RestrictedServer restricted) : IClassFixture<RoleTests.RestrictedServer>
{
    private const string App = "app";

    [Fact]
    public async Task Events_WithoutTheRightToThem_AreRefusedInTheServersWords()
    {
        var scene = await SyncedAsync(await fleet.NewSceneAsync(restricted.Server, "blind", "product"));

        var refused = await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of(App)}/events");

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.StartsWith(
            $"cluster blind does not let events of namespace {scene.Name} be listed: events is forbidden: User \"product\" cannot list resource \"events\"", refused.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_OfAServerThatIsGone_AreRefused_AndManifestsAreNot()
    {
        await using var server = await ApiServer.StartAsync();
        var cluster = $"gone-{Guid.NewGuid():N}"[..12];
        var scene = await SyncedAsync(await fleet.NewSceneAsync(server, cluster));
        await server.StopAsync();

        var refused = await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of(App)}/events");
        var manifests = await scene.Rest.GetAsync<ManifestsView>($"applications/default/{scene.Of(App)}/manifests");

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.StartsWith($"cluster {cluster} can't be asked now: ", refused.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal("/ConfigMap:/one", Assert.Single(manifests.Items).Object);
    }

    private static async Task<Scene> SyncedAsync(Scene scene)
    {
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var commit = await scene.PushAsync("First");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        return scene;
    }
}
