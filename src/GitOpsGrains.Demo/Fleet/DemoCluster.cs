namespace GitOpsGrains.Demo.Fleet;

/// <summary>One simulated cluster, as its document tells it.</summary>
internal sealed record DemoCluster(string Name, IReadOnlyDictionary<string, string> Labels)
{
    private static readonly string[] Regions = ["ap", "eu", "us"];

    private static readonly (string Suffix, string Env)[] InEachRegion = [("prod-1", "prod"), ("prod-2", "prod"), ("staging", "staging"), ("edge", "edge")];

    /// <summary>What is not as it should be, by cluster: labels that the manifests of some applications read.</summary>
    private static readonly Dictionary<string, (string Label, string Value)> Troubles = new()
    {
        // A deployment that stays in the middle of its rollout.
        ["us-prod-2"] = ("search_rollout", "progress"),
        // One whose pods never come up.
        ["eu-prod-1"] = ("payments_rollout", "fail"),
        // A mistyped port, which the API server refuses.
        ["eu-prod-2"] = ("payments_port", "84430"),
    };

    public static IReadOnlyList<DemoCluster> All { get; } =
        [.. from region in Regions from kind in InEachRegion select Of(region, kind.Suffix, kind.Env)];

    private static DemoCluster Of(string region, string suffix, string env)
    {
        var name = $"{region}-{suffix}";
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["region"] = region, ["env"] = env };
        if (Troubles.TryGetValue(name, out var trouble)) labels[trouble.Label] = trouble.Value;
        return new DemoCluster(name, labels);
    }
}
