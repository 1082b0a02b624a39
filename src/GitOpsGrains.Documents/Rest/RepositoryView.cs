using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Rest;

/// <summary>A Repository document and what its server says.</summary>
public sealed record RepositoryView
{
    [JsonPropertyOrder(-3)] public string ApiVersion { get; init; } = Document.V1;
    [JsonPropertyOrder(-2)] public string Kind { get; init; } = DocumentKinds.Repository;
    [JsonPropertyOrder(-1)] public DocumentMetadata Metadata { get; init; } = new();
    public RepositorySpec Spec { get; init; } = new();
    public RepositoryStatusView Status { get; init; } = new();
}

public sealed record RepositoryStatusView
{
    /// <summary>Ready, or the type of the first condition.</summary>
    public string State { get; init; } = "Unknown";
    public string Message { get; init; } = "";
    public DateTimeOffset? LastPoll { get; init; }
    /// <summary>Refs that applications follow, and the commits they point to.</summary>
    public IReadOnlyDictionary<string, string> Refs { get; init; } = new Dictionary<string, string>();
    public int Applications { get; init; }
    public IReadOnlyList<ConditionView> Conditions { get; init; } = [];
}
