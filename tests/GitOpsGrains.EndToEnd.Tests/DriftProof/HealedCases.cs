using System.Text.Json.Nodes;
using GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;
using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>One application in Git with the objects of very many cases, each in a namespace of its own, beside a sentinel of its kind.</summary>
public sealed class HealedCases : DriftFleet
{
    public const string Application = "default/drift";
    private const string Repository = "drift-cases";

    private static readonly DriftCase[] All =
    [
        .. ConfigMapCases.All, .. SecretCases.All, .. ServiceCases.All, .. DeploymentCases.All, .. PolicyCases.All, .. CustomResourceCases.All,
    ];

    /// <summary>
    /// Without those that need something before the sync, are not in a namespace, or that no apply of 1.20 can mend; and
    /// without what somebody puts back himself in a second step: the product may be there first.
    /// </summary>
    private static readonly Dictionary<string, (DriftCase Case, string Space)> Chosen = All
        .Where(item => item.Before is null && !item.Manifest.Contains("$NAME", StringComparison.Ordinal) && !item.What.Contains("reordered", StringComparison.Ordinal)
            && !item.What.Contains("finalizer holds it", StringComparison.Ordinal) && !item.What.Contains("set back by hand", StringComparison.Ordinal)
            && !item.What.StartsWith("deleted and recreated", StringComparison.Ordinal))
        .Select((item, index) => (Case: item, Space: $"case-{index}")).ToDictionary(chosen => chosen.Case.Name);

    public static IEnumerable<string> Names(Verdict expected) => Chosen.Values.Where(chosen => chosen.Case.Expected == expected).Select(chosen => chosen.Case.Name);

    public static DriftCase Find(string name) => Chosen[name].Case;

    public CaseObject Object(string name) => Of(name, Chosen[name].Case.Manifest);

    public CaseObject Sentinel(string name) => Of(name, SentinelOf(Chosen[name].Case));

    private CaseObject Of(string name, string manifest) => CaseObject.Of(
        Server, Connection, Catalog, Chosen[name].Space, manifest, new TrackingOwner(Silo.Installation, "default", "drift"));

    protected override async Task PrepareAsync()
    {
        var work = await Git.CreateRepositoryAsync(Repository);
        foreach (var (item, space) in Chosen.Values.Where(chosen => chosen.Case.LastMinor >= Server.MinorVersion))
        {
            await Kube.CreateNamespaceAsync(space);
            await work.WriteAsync($"app/{space}.yaml", InSpace(item.Manifest, space));
            if (item.Expected == Verdict.Quiet) await work.WriteAsync($"app/{space}-sentinel.yaml", InSpace(SentinelOf(item), space));
        }
        var commit = await work.CommitAsync("All cases");
        await work.PushAsync();
        await Api.ApplyAsync(Manifests.Repository(Repository, work.Url) + Manifests.Application("drift", Repository));
        await Api.WaitSyncedAsync(Application, commit, TimeSpan.FromSeconds(60));
    }

    private static string SentinelOf(DriftCase item) => item.Manifest.Replace("\"name\":\"x\"", "\"name\":\"sentinel\"", StringComparison.Ordinal);

    private string InSpace(string manifest, string space)
    {
        var json = JsonNode.Parse(CaseObject.Fill(manifest, Catalog, space))!;
        json["metadata"]!["namespace"] = space;
        return json.ToJsonString();
    }
}
