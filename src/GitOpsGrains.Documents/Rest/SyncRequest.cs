namespace GitOpsGrains.Documents.Rest;

/// <summary>Body of <c>POST …:sync</c>; all members may be left out.</summary>
public sealed record SyncRequest
{
    /// <summary>A commit of the application's source; default: the newest.</summary>
    public string? Revision { get; init; }
    /// <summary>Default: what the document says.</summary>
    public bool? Prune { get; init; }
    public bool? DryRun { get; init; }
}
