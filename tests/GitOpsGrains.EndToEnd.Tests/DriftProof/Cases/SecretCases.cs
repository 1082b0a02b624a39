namespace GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;

/// <summary>Secrets, written in Git as stringData or data: both are applied as data.</summary>
internal static class SecretCases
{
    private const string Plain = """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"stringData":{"k":"v","m":"w"}}""";
    private const string Encoded = """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"data":{"k":"dg==","m":"dw=="}}""";

    private static DriftCase Case(string what, string manifest, string patch) => new("Secret", what, manifest, item => item.MergeAsync(patch), Verdict.Drift);

    public static IEnumerable<DriftCase> All =>
    [
        Case("manifest with stringData: other changes data key", Plain, """{"data":{"k":"eA=="}}"""),
        Case("manifest with stringData: other removes the data key", Plain, """{"data":{"k":null}}"""),
        Case("manifest with stringData: other writes through stringData", Plain, """{"stringData":{"k":"x"}}"""),
        Case("manifest with data: other changes key", Encoded, """{"data":{"k":"eA=="}}"""),
        Case("manifest with data: other writes through stringData", Encoded, """{"stringData":{"k":"x"}}"""),
    ];
}
