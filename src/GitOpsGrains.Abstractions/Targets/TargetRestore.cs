using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Abstractions.Targets;

/// <summary>Which deleted objects are to come back on one cluster.</summary>
[GenerateSerializer, Immutable, Alias("gog.TargetRestoreOrder")]
public sealed record TargetRestoreOrder
{
    /// <summary>Of the restore.</summary>
    [Id(0)] public string OperationId { get; init; } = "";
    /// <summary>Only these; empty: all that is chosen by <see cref="DeletedBy"/>.</summary>
    [Id(1)] public IReadOnlyList<ObjectReference> Objects { get; init; } = [];
    /// <summary>The operation that deleted them; null: of named objects the newest deletion of each, else the target's last operation that deleted.</summary>
    [Id(2)] public string? DeletedBy { get; init; }
    /// <summary>Nothing is written.</summary>
    [Id(3)] public bool DryRun { get; init; }
    /// <summary>Also while a sync window stands against it.</summary>
    [Id(4)] public bool OverrideWindow { get; init; }
}

[GenerateSerializer, Immutable, Alias("gog.TargetRestoreResult")]
public sealed record TargetRestoreResult
{
    /// <summary>Created, Skipped or Failed, each with its reason.</summary>
    [Id(0)] public IReadOnlyList<TargetOperationObject> Objects { get; init; } = [];
    /// <summary>Why nothing could be tried; null when it was.</summary>
    [Id(1)] public string? Error { get; init; }
}
