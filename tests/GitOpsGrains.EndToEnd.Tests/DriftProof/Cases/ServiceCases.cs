namespace GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;

/// <summary>A kind that is watched in full; the keys of its ports are port and protocol.</summary>
internal static class ServiceCases
{
    public const string Manifest = """
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"x","labels":{"team":"web"}},
         "spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":8080}]}}
        """;

    private static DriftCase Case(string what, Func<CaseObject, Task> edit, Verdict expected) => new("Service", what, Manifest, edit, expected);

    public static IEnumerable<DriftCase> All =>
    [
        Case("owned port changed 80->81", item => item.JsonPatchAsync("""[{"op":"replace","path":"/spec/ports/0/port","value":81}]"""), Verdict.Drift) with { NeedsTakeOver = true },
        Case("targetPort changed", item => item.JsonPatchAsync("""[{"op":"replace","path":"/spec/ports/0/targetPort","value":9090}]"""), Verdict.Drift),
        Case("protocol (defaulted key) changed TCP->UDP",
            item => item.JsonPatchAsync("""[{"op":"replace","path":"/spec/ports/0/protocol","value":"UDP"}]"""), Verdict.Drift) with { NeedsTakeOver = true },
        Case("foreign port added", item => item.JsonPatchAsync("""[{"op":"add","path":"/spec/ports/-","value":{"name":"more","port":443}}]"""), Verdict.Alarm),
        Case("selector: value changed", item => item.MergeAsync("""{"spec":{"selector":{"app":"other"}}}"""), Verdict.Drift),
        Case("selector: key added (traffic stops)", item => item.MergeAsync("""{"spec":{"selector":{"also":"this"}}}"""), Verdict.Alarm) with { ExpectedLater = Verdict.Drift },
        Case("defaulted type changed to NodePort", item => item.MergeAsync("""{"spec":{"type":"NodePort"}}"""), Verdict.Alarm),
        Case("owned label changed through /status", item => item.MergeInAsync("status", """{"metadata":{"labels":{"team":"ops"}}}"""), Verdict.Drift),
        Case("status written (load balancer address)", item => item.MergeInAsync("status", """{"status":{"loadBalancer":{"ingress":[{"ip":"10.1.2.3"}]}}}"""), Verdict.Quiet),
        Case("foreign label and annotation added", item => item.MergeAsync(ForeignMetadata.LabelAndAnnotation), Verdict.Quiet),
        Case("foreign finalizer and ownerReference added", item => item.MergeAsync(ForeignMetadata.FinalizerAndOwner), Verdict.Quiet),
        Case("foreign label added and then changed", async item =>
        {
            await item.MergeAsync(ForeignMetadata.LabelAndAnnotation);
            await item.MergeAsync("""{"metadata":{"labels":{"theirs":"2"}}}""");
        }, Verdict.Quiet),
        Case("managedFields reset to [{}]", item => item.MergeAsync("""{"metadata":{"managedFields":[{}]}}"""), Verdict.Alarm),
        Case("owned label removed", item => item.MergeAsync("""{"metadata":{"labels":{"team":null}}}"""), Verdict.Drift),
    ];
}
