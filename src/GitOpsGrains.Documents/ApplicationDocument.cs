using System.Text.Json.Serialization;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Documents;

/// <summary>What is deployed where and how: sources, destination clusters and sync policy.</summary>
public sealed record ApplicationDocument : Document
{
    public override string Kind => DocumentKinds.Application;

    public ApplicationSpec Spec { get; init; } = new();
}

public sealed record ApplicationSpec : Extensible
{
    /// <summary>Name of a Project document. Default: default.</summary>
    public string Project { get; init; } = ProjectDocument.Default;

    /// <summary>Either this or <see cref="Sources"/>.</summary>
    public SourceSpec? Source { get; init; }

    /// <summary>Their objects together are what is applied; at most 20.</summary>
    public IReadOnlyList<SourceSpec> Sources { get; init; } = [];

    public DestinationSpec Destination { get; init; } = new();

    public SyncSpec Sync { get; init; } = new();

    public IReadOnlyList<IgnoreDifference> IgnoreDifferences { get; init; } = [];

    /// <summary>Applications of the same project that must be synced and healthy first.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Nothing is written to the clusters while it is set; they are still observed. Default: false.</summary>
    public bool Suspend { get; init; }

    /// <summary>What happens to live objects when the document or one of its clusters goes: <see cref="DeletionPolicies"/>. Default: keep.</summary>
    public string DeletionPolicy { get; init; } = DeletionPolicies.Keep;

    public DriftCheckSpec DriftCheck { get; init; } = new();

    /// <summary>All sources, wherever they are written.</summary>
    [JsonIgnore]
    public IReadOnlyList<SourceSpec> AllSources => Source is null ? Sources : [Source];
}

/// <summary>Either named clusters or a selector.</summary>
public sealed record DestinationSpec : Extensible
{
    /// <summary>Names of Cluster documents.</summary>
    public IReadOnlyList<string> Clusters { get; init; } = [];

    public ClusterSelector? ClusterSelector { get; init; }

    /// <summary>For objects of namespaced kinds that name no namespace; "" when all of them do.</summary>
    public string Namespace { get; init; } = "";
}

public sealed record ClusterSelector : Extensible
{
    /// <summary>Labels that a cluster must all have; an empty map chooses every cluster.</summary>
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        MatchLabels is { } wanted && wanted.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);
}

/// <summary>
/// Fields of objects that are left to others (Argo CD's rules). Group, kind, namespace and name are patterns with '*' and
/// '?'; empty ones match all.
/// </summary>
public sealed record IgnoreDifference : Extensible
{
    public string Group { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary>RFC 6901.</summary>
    public IReadOnlyList<string> JsonPointers { get; init; } = [];

    /// <summary>Paths of jq: <c>.spec.template.spec.containers[] | select(.name == "proxy") | .image</c>.</summary>
    public IReadOnlyList<string> JqPathExpressions { get; init; } = [];

    /// <summary>Paths of JMESPath: <c>spec.template.spec.containers[?name=='proxy'].image</c>.</summary>
    public IReadOnlyList<string> JmesPaths { get; init; } = [];

    /// <summary>Names of managers in managedFields: what they own is ignored.</summary>
    public IReadOnlyList<string> ManagedFieldsManagers { get; init; } = [];
}

public sealed record DriftCheckSpec : Extensible
{
    /// <summary>Comparison of proofs with what was watched; asks the cluster nothing. Default: 3m; 1m to 24h.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Reading of all objects. Default: 15m; at least <see cref="Interval"/>, at most 7 days.</summary>
    [JsonConverter(typeof(DurationJsonConverter))]
    public TimeSpan DeepInterval { get; init; } = TimeSpan.FromMinutes(15);
}

/// <summary>The words of <see cref="ApplicationSpec.DeletionPolicy"/>.</summary>
public static class DeletionPolicies
{
    public const string Keep = "keep";
    public const string Delete = "delete";

    public static IReadOnlyList<string> All { get; } = [Keep, Delete];
}
