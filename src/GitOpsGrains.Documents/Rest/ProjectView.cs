using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Rest;

/// <summary>A Project document and what is in it.</summary>
public sealed record ProjectView
{
    [JsonPropertyOrder(-3)] public string ApiVersion { get; init; } = Document.V1;
    [JsonPropertyOrder(-2)] public string Kind { get; init; } = DocumentKinds.Project;
    [JsonPropertyOrder(-1)] public DocumentMetadata Metadata { get; init; } = new();
    public ProjectSpec Spec { get; init; } = new();
    public ProjectStatusView Status { get; init; } = new();
}

public sealed record ProjectStatusView
{
    public int Applications { get; init; }
}
