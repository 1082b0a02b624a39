namespace GitOpsGrains.Documents.Rest;

/// <summary>
/// Body of <c>POST …:restore</c>: which deleted objects come back, from their tombstones. All members may be left out; then
/// it is everything that the last operation that deleted something deleted, on every cluster.
/// </summary>
public sealed record RestoreRequest
{
    /// <summary>Only on this cluster.</summary>
    public string? Cluster { get; init; }
    /// <summary>Only these, as group/Kind:namespace/name or Kind/name: at most 500.</summary>
    public IReadOnlyList<string>? Objects { get; init; }
    /// <summary>Only what this operation deleted.</summary>
    public string? Operation { get; init; }
    /// <summary>Nothing is written; the operation says what would be.</summary>
    public bool? DryRun { get; init; }
    /// <summary>Also while a sync window stands against it.</summary>
    public bool? OverrideWindow { get; init; }
}

/// <summary>A deleted object whose manifest is kept; the manifest itself is not shown.</summary>
public sealed record TombstoneView
{
    /// <summary>group/Kind:namespace/name.</summary>
    public string Object { get; init; } = "";
    public string Cluster { get; init; } = "";
    public DateTimeOffset DeletedAt { get; init; }
    /// <summary>The commit that was synced when it was deleted.</summary>
    public string Revision { get; init; } = "";
    /// <summary>Why it was deleted: left Git, the application was deleted, …</summary>
    public string Reason { get; init; } = "";
    /// <summary>The operation that deleted it; "" when it is not known.</summary>
    public string Operation { get; init; } = "";
}
