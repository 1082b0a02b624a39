using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Rendering;

/// <summary>Applications from a chart and from an overlay, from Git to a real API server.</summary>
public sealed class RenderedApplicationTests(SharedFleet fleet)
{
    private const string App = "app";

    private static async Task PutAsync(Scene scene, string source) => await scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{scene.Of(App)}}", labels: {team: web} }
        spec:
          source: {repository: {{scene.Name}}, ref: main, {{source}} }
          destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}} }
          sync: {automated: true, prune: true, selfHeal: true}
        """);

    [Fact]
    public async Task Application_FromAChart_IsAppliedFollowsItsValuesFileAndRunsHooks()
    {
        Tools.Require("helm");
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
        await scene.Work.WriteAsync("chart/values.yaml", "first: {wanted: true}\nkey: default\n");
        await scene.Work.WriteAsync("chart/templates/config.yaml", """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: "{{ .Release.Name }}-config"}
            data: {key: "{{ .Values.key }} {{ .Values.size }} in {{ .Release.Namespace }}"}
            ---
            {{- if .Values.first.wanted }}
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: first}
            {{- end }}
            """);
        await scene.Work.WriteAsync("chart/templates/before.yaml", """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: before, annotations: {helm.sh/hook: pre-install}}
            """);
        await scene.Work.WriteAsync("values/prod.yaml", "key: one\n");
        var first = await scene.PushAsync("Add the chart");
        await PutAsync(scene, "path: chart, helm: {valueFiles: [../values/prod.yaml], parameters: [{name: size, value: '3'}]}");
        await scene.SyncedAsync(App, first);
        Assert.Equal($"one 3 in {scene.Name}", (await scene.FindLiveAsync($"{scene.Of(App)}-config")).Value);
        Assert.NotNull(await scene.FindAsync("first"));
        Assert.NotNull(await scene.FindAsync("before"));

        // The values file lies outside of the source's path, and belongs to what it reads.
        await scene.Work.WriteAsync("values/prod.yaml", "key: two\nfirst: {wanted: false}\n");
        var second = await scene.PushAsync("Change the values", App);
        await scene.SyncedAsync(App, second);
        Assert.Equal($"two 3 in {scene.Name}", (await scene.FindLiveAsync($"{scene.Of(App)}-config")).Value);
        await Eventually.TrueAsync(async () => await scene.FindAsync("first") is null, "the pruned object is gone");

        await scene.Work.WriteAsync("chart/templates/bad.yaml", "x: {{ required \"size is wanted\" .Values.none }}\n");
        await scene.PushAsync("Break the chart", App);
        var condition = await scene.ConditionAsync(App, "RenderFailed");
        Assert.Equal("templates/bad.yaml", condition.File);
        Assert.Contains("size is wanted", condition.Message, StringComparison.Ordinal);
        Assert.Equal($"two 3 in {scene.Name}", (await scene.FindLiveAsync($"{scene.Of(App)}-config")).Value);
    }

    [Fact]
    public async Task Application_FromAnOverlay_IsAppliedAndFollowsItsBase()
    {
        Tools.Require("kubectl");
        var scene = await fleet.NewSceneAsync();
        await scene.Work.WriteAsync("base/kustomization.yaml", "resources: [config.yaml]\nconfigMapGenerator: [{name: made, files: [text.txt]}]\n");
        await scene.Work.WriteAsync("base/config.yaml", Scene.ConfigMap("config", "\"${team} ${size:=small}\""));
        await scene.Work.WriteAsync("base/text.txt", "1");
        await scene.Work.WriteAsync("overlay/kustomization.yaml", "resources: [../base]\nnamePrefix: o-\n");
        var first = await scene.PushAsync("Add the overlay");
        await PutAsync(scene, "path: overlay, kustomize: {nameSuffix: -z}, substitute: {}");
        await scene.SyncedAsync(App, first);
        Assert.Equal("web small", (await scene.FindLiveAsync("o-config-z")).Value);
        var made = Made(await scene.GetTargetAsync(App));

        await scene.Work.WriteAsync("base/text.txt", "2");
        var second = await scene.PushAsync("Change the base", App);
        await scene.SyncedAsync(App, second);
        var again = Made(await scene.GetTargetAsync(App));
        Assert.NotEqual(made, again);
        await Eventually.TrueAsync(async () => await scene.FindAsync(made) is null && await scene.FindAsync(again) is not null, "the generated object of the base before is gone");

        await scene.Work.WriteAsync("overlay/kustomization.yaml", "resources: [../base, '../../etc']\n");
        await scene.PushAsync("Reach out", App);
        var condition = await scene.ConditionAsync(App, "RenderFailed");
        Assert.Equal(("overlay/kustomization.yaml", "resources: '../../etc' is not inside the repository"), (condition.File, condition.Message));
    }

    private static string Made(Documents.Rest.TargetView target) => target.Objects!.Single(item => item.Name.StartsWith("o-made-", StringComparison.Ordinal)).Name;
}
