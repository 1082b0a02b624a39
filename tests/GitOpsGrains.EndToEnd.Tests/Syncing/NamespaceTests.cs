using System.Net;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>The namespace that a sync makes because of CreateNamespace.</summary>
public abstract class NamespaceTests(ISceneMaker fleet)
{
    private const string Application = "app";

    [Fact]
    public async Task NamespaceThatWasDeleted_IsMadeAgainWithAllThatWasInIt()
    {
        var scene = await fleet.NewSceneAsync();
        var space = $"{scene.Name}-own";
        foreach (var name in new[] { "one", "two" }) await scene.WriteConfigMapAsync($"{Application}/{name}.yaml", name, "first");
        var commit = await scene.PushAsync("Two of them");
        await scene.PutApplicationAsync(Application, space: space, sync: ", options: [CreateNamespace=true]");
        await scene.SyncedAsync(Application, commit);
        var uid = (await scene.Kube.GetJsonAsync($"/api/v1/namespaces/{space}")).Metadata("uid");

        await scene.Kube.DeleteAsync($"/api/v1/namespaces/{space}");
        await Eventually.TrueAsync(
            async () => await scene.Kube.FindJsonAsync($"/api/v1/namespaces/{space}") is { } live && live.Metadata("uid") != uid, "another namespace of that name", TimeSpan.FromSeconds(60));

        foreach (var name in new[] { "one", "two" })
            await Eventually.TrueAsync(async () => await scene.Kube.GetStatusAsync($"/api/v1/namespaces/{space}/configmaps/{name}") == HttpStatusCode.OK, $"{name} as it was", TimeSpan.FromSeconds(60));
        await scene.SyncedAsync(Application, commit);
    }
}

public sealed class NamespaceOnRealServerTests(SharedFleet fleet) : NamespaceTests(fleet);

public sealed class NamespaceOnSimulationTests(SharedFleet fleet) : NamespaceTests(fleet.Simulated);
