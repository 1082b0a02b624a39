namespace GitOpsGrains.Documents.Rest;

/// <summary>Something a person should know until it is no longer so.</summary>
public sealed record ConditionView
{
    /// <summary>A CamelCase word (RenderFailed, PruneHeld, …).</summary>
    public string Type { get; init; } = "";
    public string Message { get; init; } = "";
    public DateTimeOffset Since { get; init; }
    /// <summary>The file of the repository that caused it.</summary>
    public string? File { get; init; }
    /// <summary>Zero-based index of the document in <see cref="File"/>.</summary>
    public int? Document { get; init; }
    /// <summary>The object's id: group/Kind:namespace/name.</summary>
    public string? Object { get; init; }
}
