namespace GitOpsGrains.Documents.Rest;

/// <summary>A sync window of the project that concerns a target.</summary>
public sealed record WindowView
{
    /// <summary>allow or deny.</summary>
    public string Kind { get; init; } = "";
    public string Schedule { get; init; } = "";
    public string Duration { get; init; } = "";
    public string TimeZone { get; init; } = "";
    public string? Description { get; init; }
    public bool ManualSync { get; init; }
    public bool Open { get; init; }
    /// <summary>When it opens or closes; null: never, or it can't be told.</summary>
    public DateTimeOffset? NextChange { get; init; }
}
