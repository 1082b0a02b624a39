using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Rest;

/// <summary>A Cluster document and what its API server says.</summary>
public sealed record ClusterView
{
    [JsonPropertyOrder(-3)] public string ApiVersion { get; init; } = Document.V1;
    [JsonPropertyOrder(-2)] public string Kind { get; init; } = DocumentKinds.Cluster;
    [JsonPropertyOrder(-1)] public DocumentMetadata Metadata { get; init; } = new();
    public ClusterSpec Spec { get; init; } = new();
    public ClusterStatusView Status { get; init; } = new();
}

public sealed record ClusterStatusView
{
    /// <summary>Ready, Connecting, or the type of the first condition.</summary>
    public string State { get; init; } = "Unknown";
    public string Message { get; init; } = "";
    /// <summary>Of the Kubernetes server; "" before it answered.</summary>
    public string Version { get; init; } = "";
    public int Targets { get; init; }
    public int Objects { get; init; }
    public DateTimeOffset? ObservedAt { get; init; }
    public IReadOnlyList<ConditionView> Conditions { get; init; } = [];
}
