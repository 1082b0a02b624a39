using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Rest;

/// <summary>Something that was asked for and takes time. <c>GET /api/v1/operations/{id}?wait=20s</c> answers when its phase or progress changes, or at the end of the wait.</summary>
public sealed record OperationView
{
    public string Id { get; init; } = "";
    /// <summary>sync, refresh, delete, terminate, approve, …</summary>
    public string Kind { get; init; } = "";
    /// <summary>project/name, where the operation is of an application.</summary>
    public string? Application { get; init; }
    public OperationPhase Phase { get; init; }
    public string Message { get; init; } = "";
    public DateTimeOffset? Started { get; init; }
    public DateTimeOffset? Finished { get; init; }
    public ProgressView? Progress { get; init; }
}

public sealed record ProgressView
{
    public int Done { get; init; }
    public int Total { get; init; }
}

/// <summary>The first two go on; the others are final.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperationPhase>))]
public enum OperationPhase
{
    Pending,
    Running,
    Succeeded,
    Failed,
    Terminated,
}
