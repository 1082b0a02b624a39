using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The words of <see cref="Documents.Rest.HistoryView.Trigger"/>.</summary>
internal static class SyncTriggers
{
    public const string User = "user";
    public const string Commit = "commit";
    public const string Retry = "retry";
}

/// <summary>What one sync is to do.</summary>
/// <param name="Id">Of the operation.</param>
/// <param name="Trigger">One of <see cref="SyncTriggers"/>.</param>
/// <param name="Everything">What may have drifted too, not only manifests that were never applied as they are.</param>
internal sealed record SyncOrder(string Id, string Trigger, bool Prune, bool Everything)
{
    public bool IsDryRun { get; init; }

    /// <summary>An approval of prunes runs no hooks.</summary>
    public bool WithoutHooks { get; init; }

    /// <summary>Only these objects; null for all.</summary>
    public IReadOnlySet<ResourceId>? Selected { get; init; }

    /// <summary>Options for this operation alone, over those of the document.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Over the document's onFailure; null for that.</summary>
    public string? OnFailure { get; init; }

    public static SyncOrder Of(TargetSyncOrder order) => new(order.OperationId, SyncTriggers.User, order.Prune, Everything: true)
    {
        IsDryRun = order.DryRun,
        WithoutHooks = order.WithoutHooks,
    };

    public bool Includes(ResourceId id) => Selected is null || Selected.Contains(id);

    /// <summary>The desired state as far as this sync goes.</summary>
    public DesiredState Narrow(DesiredState built) =>
        Selected is null ? built : built with { Objects = [.. built.Objects.Where(item => Selected.Contains(item.Id))], Hooks = [] };
}
