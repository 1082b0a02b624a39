namespace GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;

/// <summary>The kind that most people edit by hand.</summary>
internal static class DeploymentCases
{
    public const string Manifest = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x","labels":{"team":"web"},"finalizers":["example.com/ours"]},
         "spec":{"replicas":2,"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},"spec":{
          "hostNetwork":false,"nodeSelector":{"disk":"ssd"},"securityContext":{},
          "volumes":[{"name":"scratch","emptyDir":{}}],
          "initContainers":[{"name":"i1","image":"init:1"},{"name":"i2","image":"init:1"}],
          "containers":[{"name":"app","image":"app:1","args":["--a"],"env":[{"name":"A","value":"1"},{"name":"EMPTY","value":""}],
           "resources":{"limits":{"cpu":"1"}}}]}}}}
        """;

    /// <summary>Replicas are left to somebody else.</summary>
    private static readonly string Unscaled = Manifest.Replace("\"replicas\":2,", "", StringComparison.Ordinal);

    private static DriftCase Case(string what, Func<CaseObject, Task> edit, Verdict expected, string? manifest = null) =>
        new("Deployment", what, manifest ?? Manifest, edit, expected);

    private static DriftCase Template(string what, string patch, Verdict expected) =>
        Case(what, item => item.StrategicAsync($$$$"""{"spec":{"template":{{{{patch}}}}}}"""), expected);

    private static DriftCase Pod(string what, string patch, Verdict expected) =>
        Case(what, item => item.JsonPatchAsync($"[{patch.Replace("$POD", "/spec/template/spec", StringComparison.Ordinal)}]"), expected);

    public static IEnumerable<DriftCase> All =>
    [
        Template("image changed (kubectl set image)", """{"spec":{"containers":[{"name":"app","image":"app:2"}]}}""", Verdict.Drift),
        Case("replicas by scale subresource (in Git)", item => item.MergeInAsync("scale", """{"spec":{"replicas":5}}"""), Verdict.Drift),
        Case("replicas by scale subresource (not in Git; an HPA)", item => item.MergeInAsync("scale", """{"spec":{"replicas":5}}"""), Verdict.Alarm, Unscaled),
        Template("sidecar container added", """{"spec":{"containers":[{"name":"sidecar","image":"side:1"}]}}""", Verdict.Alarm),
        Pod("env item removed", """{"op":"remove","path":"$POD/containers/0/env/0"}""", Verdict.Drift),
        Pod("env item with empty value set to a value", """{"op":"add","path":"$POD/containers/0/env/1/value","value":"full"}""", Verdict.Drift),
        Case("initContainers reordered (keyed list)", item => item.PutAsync(json =>
        {
            var list = json["spec"]!["template"]!["spec"]!["initContainers"]!.AsArray();
            var first = list[0];
            list.RemoveAt(0);
            list.Add(first);
        }), Verdict.Drift),
        Pod("args appended (atomic list)", """{"op":"add","path":"$POD/containers/0/args/-","value":"--b"}""", Verdict.Drift),
        Template("nodeSelector key added", """{"spec":{"nodeSelector":{"zone":"a"}}}""", Verdict.Alarm) with { ExpectedLater = Verdict.Drift },
        Pod("emptyDir: {} swapped for hostPath", """{"op":"replace","path":"$POD/volumes/0","value":{"name":"scratch","hostPath":{"path":"/"}}}""", Verdict.Drift) with { NeedsTakeOver = true },
        Template("securityContext: {} in Git, other adds runAsUser 0", """{"spec":{"securityContext":{"runAsUser":0}}}""", Verdict.Alarm),
        Template("hostNetwork: false in Git, other sets true", """{"spec":{"hostNetwork":true}}""", Verdict.Drift),
        Template("defaulted imagePullPolicy changed", """{"spec":{"containers":[{"name":"app","imagePullPolicy":"Always"}]}}""", Verdict.Alarm),
        Template("cpu limit 1 -> 1000m (same quantity)", """{"spec":{"containers":[{"name":"app","resources":{"limits":{"cpu":"1000m"}}}]}}""", Verdict.Quiet),
        Template("kubectl rollout restart", """{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-01T00:00:00Z"}}}""", Verdict.Alarm),
        Case("paused: true added", item => item.MergeAsync("""{"spec":{"paused":true}}"""), Verdict.Alarm),
        Case("status written", item => item.MergeInAsync("status", """{"status":{"replicas":2,"updatedReplicas":2,"readyReplicas":1}}"""), Verdict.Quiet),
        Pod("container renamed by other", """{"op":"replace","path":"$POD/containers/0/name","value":"renamed"}""", Verdict.Drift),
        Case("SAME manager name applies other image (zombie silo)",
            item => item.ZombieAsync(body => body["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "app:9"), Verdict.Drift),
        Case("the controller's revision annotation", item => item.MergeAsync("""{"metadata":{"annotations":{"deployment.kubernetes.io/revision":"1"}}}"""), Verdict.Quiet),
        Case("foreign label and annotation added", item => item.MergeAsync(ForeignMetadata.LabelAndAnnotation), Verdict.Quiet),
        Case("foreign finalizer and ownerReference added", item => item.JsonPatchAsync("""
            [{"op":"add","path":"/metadata/finalizers/-","value":"example.com/other"},
             {"op":"add","path":"/metadata/ownerReferences","value":[{"apiVersion":"example.com/v1","kind":"Owner","name":"o","uid":"7b2cf1a6-3f0a-4c51-8d3e-0b3f6f0f0a11"}]}]
            """), Verdict.Quiet),
        Case("our finalizer removed", item => item.MergeAsync(ForeignMetadata.RemoveFinalizer), Verdict.Drift),
        Case("our finalizer removed, then managedFields put back verbatim", async item =>
        {
            var before = (await item.GetJsonAsync()).GetProperty("metadata").GetProperty("managedFields").GetRawText();
            await item.MergeAsync(ForeignMetadata.RemoveFinalizer);
            await item.MergeAsync($$$"""{"metadata":{"managedFields":{{{before}}}}}""");
        }, Verdict.Drift),
        Case("owned label changed", item => item.MergeAsync("""{"metadata":{"labels":{"team":"ops"}}}"""), Verdict.Drift),
        Case("value changed, then managedFields put back verbatim", async item =>
        {
            var before = (await item.GetJsonAsync()).GetProperty("metadata").GetProperty("managedFields").GetRawText();
            await item.MergeAsync("""{"spec":{"replicas":7}}""");
            await item.MergeAsync($$$"""{"metadata":{"managedFields":{{{before}}}}}""");
        }, Verdict.Drift),
        Case("managedFields reset to [{}]", item => item.MergeAsync("""{"metadata":{"managedFields":[{}]}}"""), Verdict.Alarm),
        Case("deleted while a foreign finalizer holds it", item => item.Rogue.DeleteAsync(item.Path), Verdict.Drift),
    ];
}
