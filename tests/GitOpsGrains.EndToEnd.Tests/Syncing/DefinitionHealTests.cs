using System.Net;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Faults;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>A definition that somebody deletes takes all objects of its kind with it.</summary>
public abstract class DefinitionHealTests(ISceneMaker fleet)
{
    protected const string Application = "app";

    protected ISceneMaker Fleet => fleet;

    [Fact]
    public async Task DefinitionThatWasDeleted_IsMadeAgainWithTheObjectsOfItsKind()
    {
        var scene = await Fleet.NewSceneAsync();
        var group = $"{scene.Name}.example.com";
        var definition = Definition(group);
        var widgets = $"/apis/{group}/v1/namespaces/{scene.Name}/widgets";
        await WriteKindAsync(scene, group);
        var commit = await scene.PushAsync("A kind and two of it");
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, commit);

        var uid = (await scene.Kube.GetJsonAsync(definition)).Metadata("uid");
        await scene.Kube.DeleteAsync(definition);
        // The server takes its objects away first, in rounds of its own.
        await Eventually.TrueAsync(
            async () => await scene.Kube.FindJsonAsync(definition) is { } live && live.Metadata("uid") != uid, "another definition of that name", TimeSpan.FromSeconds(120));
        foreach (var name in new[] { "one", "two" })
            await Eventually.TrueAsync(async () => await scene.Kube.GetStatusAsync($"{widgets}/{name}") == HttpStatusCode.OK, $"{name} as it was", TimeSpan.FromSeconds(60));
        await scene.SyncedAsync(Application, commit);
    }

    [Fact]
    public async Task DefinitionOfAnotherApplicationThatComesBack_BringsTheObjectsOfItsKindBack()
    {
        var scene = await Fleet.NewSceneAsync();
        var group = $"{scene.Name}.example.com";
        var definition = Definition(group);
        var widget = $"/apis/{group}/v1/namespaces/{scene.Name}/widgets/one";
        await scene.Work.WriteAsync("kinds/crd.yaml", Manifests.WidgetDefinition(group));
        await scene.Work.WriteAsync("other/of-no-kind.yaml", $"{{apiVersion: {group}/v1, kind: Gadget, metadata: {{name: none}}}}\n");
        await scene.Work.WriteAsync($"{Application}/one.yaml", $"{{apiVersion: {group}/v1, kind: Widget, metadata: {{name: one}}, spec: {{size: 3}}}}\n");
        var commit = await scene.PushAsync("A kind, and one of it elsewhere");
        await scene.PutApplicationAsync("kinds", selfHeal: false);
        await scene.SyncedAsync("kinds", commit);
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, commit);

        await scene.Kube.DeleteAsync(definition);
        await Eventually.TrueAsync(async () => await scene.Kube.GetStatusAsync(widget) == HttpStatusCode.NotFound, "the kind to be gone", TimeSpan.FromSeconds(60));
        // Whoever asks for a kind that is unknown has the cluster's kinds read anew, without this one.
        await scene.PutApplicationAsync("other");
        await Eventually.TrueAsync(
            async () => (await scene.GetTargetAsync("other")).Conditions.Any(condition => condition.Type == ConditionTypes.KindUnknown), "the kind that nobody knows", TimeSpan.FromSeconds(60));
        await scene.Rest.CommandAsync(scene.Of("kinds"), "sync");

        await Eventually.TrueAsync(async () => await scene.Kube.GetStatusAsync(widget) == HttpStatusCode.OK, "the object as it was", TimeSpan.FromSeconds(60));
        await scene.SyncedAsync(Application, commit);
    }

    /// <summary>The path of the definition of widgets.</summary>
    protected static string Definition(string group) => $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{group}";

    /// <summary>A definition and two objects of its kind, in one application.</summary>
    protected static async Task WriteKindAsync(Scene scene, string group)
    {
        await scene.Work.WriteAsync($"{Application}/crd.yaml", Manifests.WidgetDefinition(group));
        foreach (var name in new[] { "one", "two" })
            await scene.Work.WriteAsync($"{Application}/{name}.yaml", $"{{apiVersion: {group}/v1, kind: Widget, metadata: {{name: {name}}}, spec: {{size: 3}}}}\n");
    }
}

public sealed class DefinitionHealOnRealServerTests(SharedFleet fleet) : DefinitionHealTests(fleet)
{
    /// <summary>As of an operator that is installed by hand: nobody tells of it, so the cluster is asked now and then.</summary>
    [Fact]
    public async Task ObjectThatWaitsForItsKind_IsMadeWhenTheDefinitionComesFromElsewhere()
    {
        var scene = await Fleet.NewSceneAsync();
        var group = $"{scene.Name}.example.com";
        await scene.Work.WriteAsync($"{Application}/one.yaml",
            $"{{apiVersion: {group}/v1, kind: Widget, metadata: {{name: one, annotations: {{argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}} }}, spec: {{size: 3}} }}\n");
        await scene.WriteConfigMapAsync($"{Application}/note.yaml", "note", "first");
        var commit = await scene.PushAsync("One of a kind that is not there yet");
        await scene.PutApplicationAsync(Application);
        await scene.ConditionAsync(Application, ConditionTypes.ManifestNotice);

        await scene.Kube.ApplyAsync(Definition(group), Manifests.WidgetDefinition(group));

        await Eventually.TrueAsync(
            async () => await scene.Kube.GetStatusAsync($"/apis/{group}/v1/namespaces/{scene.Name}/widgets/one") == HttpStatusCode.OK, "the object of the new kind", TimeSpan.FromSeconds(60));
        await scene.SyncedAsync(Application, commit);
    }
}

public sealed class DefinitionHealOnSimulationTests(SharedFleet fleet) : DefinitionHealTests(fleet.Simulated)
{
    [Fact]
    public async Task KindThatIsServedAfterItsSyncWasOver_IsKnownToTheNextOne()
    {
        var scene = await Fleet.NewSceneAsync();
        var group = $"{scene.Name}.example.com";
        await WriteKindAsync(scene, group);
        await scene.WriteConfigMapAsync("other/note.yaml", "note", "first");
        var commit = await scene.PushAsync("A kind and two of it");
        await scene.PutApplicationAsync("other");
        await scene.SyncedAsync("other", commit);
        // The kinds can't be read until the sync has applied the definition and is over.
        scene.Simulation.Fault = new ClusterFault { Kind = FaultKind.Hang, Path = "/apis" };
        await scene.PutApplicationAsync(Application);
        await Eventually.TrueAsync(async () => await scene.Kube.FindJsonAsync(Definition(group)) is not null, "the definition");
        await scene.Rest.CommandAsync(scene.Of(Application), "terminate");
        scene.Simulation.Fault = ClusterFault.None;

        await scene.Rest.CommandAsync(scene.Of(Application), "sync");

        await scene.SyncedAsync(Application, commit);
    }
}
