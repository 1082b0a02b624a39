using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;

/// <summary>A mutating webhook that meddles with the writes of others: it changes our values in the request that changes a label.</summary>
internal static class WebhookCases
{
    private const string Label = """{"metadata":{"labels":{"theirs":"1"}}}""";

    private static DriftCase Case(string kind, string manifest, string what, string patch, Verdict expected, bool everybody = false) =>
        new(kind, what, manifest, async item =>
        {
            await using var webhook = await MutatingWebhook.StartAsync(item, patch, everybody);
            await item.MergeAsync(Label);
        }, expected);

    public static IEnumerable<DriftCase> All =>
    [
        Case("ConfigMap", ConfigMapCases.Manifest, "webhook changes owned data on ANOTHER user's label edit", """[{"op":"replace","path":"/data/a","value":"9"}]""", Verdict.Drift),
        Case("ConfigMap", ConfigMapCases.Manifest, "webhook changes owned label on ANOTHER user's edit", """[{"op":"replace","path":"/metadata/labels/team","value":"ops"}]""", Verdict.Drift),
        Case("Deployment", DeploymentCases.Manifest, "webhook changes owned image on ANOTHER user's label edit",
            """[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"evil:1"}]""", Verdict.Drift),
        Case("Deployment", DeploymentCases.Manifest, "webhook changes owned label on ANOTHER user's edit", """[{"op":"replace","path":"/metadata/labels/team","value":"ops"}]""", Verdict.Drift),
        new("ConfigMap", "webhook that mutates everybody (also our dry run)", ConfigMapCases.Manifest, item => Task.CompletedTask, Verdict.Quiet)
        {
            Before = async item => await MutatingWebhook.StartAsync(item, """[{"op":"add","path":"/data/injected","value":"1"}]""", everybody: true),
        },
    ];
}
