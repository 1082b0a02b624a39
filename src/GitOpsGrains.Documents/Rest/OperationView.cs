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
    /// <summary>Which attempt this is, or will be next; 1 is the first. Null where nothing is tried again.</summary>
    public int? Attempt { get; init; }
    /// <summary>When the next attempt begins, while the operation waits for it.</summary>
    public DateTimeOffset? NextAttempt { get; init; }
    /// <summary>Of a rollback: the commit that was pushed, or of a dry run would be.</summary>
    public RollbackView? Rollback { get; init; }
    /// <summary>
    /// What was done, failed or is held, or of a dry run what would be done; of an approve what was held. Objects that stay
    /// as they are are left out, and of more than <see cref="MaxObjects"/> the rest; failures come first.
    /// </summary>
    public IReadOnlyList<OperationObjectView>? Objects { get; init; }

    public const int MaxObjects = 200;
}

public sealed record OperationObjectView
{
    /// <summary>group/Kind:namespace/name.</summary>
    public string Object { get; init; } = "";
    public string Cluster { get; init; } = "";
    /// <summary>As <see cref="ObjectView.Action"/>.</summary>
    public string Action { get; init; } = "";
    /// <summary>Why it failed, was skipped or is held.</summary>
    public string? Message { get; init; }
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
