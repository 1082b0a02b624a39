using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>What may be rendered can be synced, proven, healed and shown, however deep it is nested: .NET reads 64 levels unless it is told otherwise.</summary>
public sealed class DeepObjectTests(SharedFleet fleet)
{
    private const string App = "deep";
    private const int Levels = 90;

    [Fact]
    public async Task Object_AsDeepAsRenderingAllows_IsSyncedHealedAndShown()
    {
        var scene = await fleet.Simulated.NewSceneAsync();
        var (group, value) = ($"{scene.Name}.example.com", string.Concat(Enumerable.Repeat("{\"a\":", Levels)) + "\"x\"" + new string('}', Levels));
        await scene.Work.WriteAsync($"{App}/definition.yaml", Manifests.WidgetDefinition(group, "x-kubernetes-preserve-unknown-fields: true"));
        await scene.Work.WriteAsync($"{App}/widget.yaml", $$"""{"apiVersion": "{{group}}/v1", "kind": "Widget", "metadata": {"name": "deep"}, "spec": {{value}}}""");
        await scene.PutApplicationAsync(App);
        var commit = await scene.PushAsync("A deep one", App);
        await scene.SyncedAsync(App, commit);
        var path = $"/apis/{group}/v1/namespaces/{scene.Name}/widgets/deep";
        Assert.Contains(value, await scene.Kube.GetTextAsync(path), StringComparison.Ordinal);

        await scene.Kube.DeleteAsync(path);
        await Eventually.GetAsync(() => scene.Kube.GetStatusAsync(path), status => status == System.Net.HttpStatusCode.OK, "the deep object again");
        await scene.SyncedAsync(App, commit);

        Assert.Contains(value, await scene.Kube.GetTextAsync(path), StringComparison.Ordinal);
        var shown = await scene.Rest.GetAsync<ManifestsView>($"applications/default/{scene.Of(App)}/manifests");
        Assert.Equal(value, Assert.Single(shown.Items, item => item.Object.Contains("/Widget:", StringComparison.Ordinal)).Manifest!.Value.GetProperty("spec").GetRawText());
    }
}
