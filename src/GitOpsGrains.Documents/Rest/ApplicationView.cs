using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Rest;

/// <summary>An Application document and how it does.</summary>
public sealed record ApplicationView
{
    [JsonPropertyOrder(-3)] public string ApiVersion { get; init; } = Document.V1;
    [JsonPropertyOrder(-2)] public string Kind { get; init; } = DocumentKinds.Application;
    [JsonPropertyOrder(-1)] public DocumentMetadata Metadata { get; init; } = new();
    public ApplicationSpec Spec { get; init; } = new();
    public ApplicationStatusView Status { get; init; } = new();
}

public sealed record ApplicationStatusView
{
    /// <summary>Synced, OutOfSync or Unknown.</summary>
    public string Sync { get; init; } = "Unknown";
    /// <summary>Healthy, Progressing, Degraded, Suspended, Missing or Unknown: the worst of the targets.</summary>
    public string Health { get; init; } = "Unknown";
    /// <summary>
    /// The commit that is wanted now; "" before the first is known. Of several sources that of the first which is rendered. A
    /// newer commit that changes nothing of what the application reads may show some minutes later.
    /// </summary>
    public string Revision { get; init; } = "";
    public CommitView? Commit { get; init; }
    /// <summary>Of an application with several sources: all of them, in the document's order.</summary>
    public IReadOnlyList<SourceRevisionView>? Sources { get; init; }
    /// <summary>One sentence; "" when there is nothing to say.</summary>
    public string Message { get; init; } = "";
    public TargetsSummary Targets { get; init; } = new();
    public IReadOnlyList<ConditionView> Conditions { get; init; } = [];
    /// <summary>The operation that runs, or the last one.</summary>
    public OperationView? Operation { get; init; }
    public DateTimeOffset? ObservedAt { get; init; }
}

/// <summary>How many targets there are, and how many of each status (statuses that none has are left out).</summary>
public sealed record TargetsSummary
{
    public int Total { get; init; }
    public IReadOnlyDictionary<string, int> Sync { get; init; } = new Dictionary<string, int>();
    public IReadOnlyDictionary<string, int> Health { get; init; } = new Dictionary<string, int>();
}
