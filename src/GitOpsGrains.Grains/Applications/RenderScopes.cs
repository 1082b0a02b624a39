using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Applications;

/// <summary>What an application's document and a cluster tell renders.</summary>
internal static class RenderScopes
{
    public const string ClusterName = "CLUSTER_NAME";

    /// <summary>Without anything of a cluster.</summary>
    public static RenderScope Of(ApplicationDocument document) => new()
    {
        Application = document.Metadata.Name,
        Namespace = document.Spec.Destination.Namespace,
        Variables = VariablesIn(document.Metadata.Labels).ToDictionary(StringComparer.Ordinal),
    };

    /// <summary>The cluster's labels win over the application's: they say more.</summary>
    public static RenderScope Of(ApplicationDocument document, string cluster, ClusterTraits? traits)
    {
        var common = Of(document);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { [ClusterName] = cluster };
        foreach (var (name, value) in common.Variables) variables[name] = value;
        foreach (var (name, value) in VariablesIn(traits?.Labels ?? common.Variables)) variables[name] = value;
        var isKnown = traits is { KubeVersion.Length: > 0, Kinds.Length: > 0 };
        return common with
        {
            Variables = variables,
            KubeVersion = isKnown ? traits!.KubeVersion : "",
            Kinds = isKnown ? traits!.Kinds : "",
            Cluster = isKnown ? cluster : "",
        };
    }

    /// <summary>Only what matters: where that is the same, so is the render.</summary>
    public static RenderScope Project(RenderScope scope, ScopeUses uses)
    {
        var part = scope with { Variables = scope.Variables.Where(variable => uses.Variables.Contains(variable.Key)).ToDictionary(StringComparer.Ordinal) };
        return uses.Capabilities ? part : part with { KubeVersion = "", Kinds = "", Cluster = "" };
    }

    private static IEnumerable<KeyValuePair<string, string>> VariablesIn(IReadOnlyDictionary<string, string> labels) => labels.Where(label => VariableName.Is(label.Key));
}
