using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The words of <see cref="Documents.Rest.HistoryView.Trigger"/>.</summary>
internal static class SyncTriggers
{
    public const string User = "user";
    public const string Commit = "commit";
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

    /// <summary>Sync windows do not hold it.</summary>
    public bool OverrideWindow { get; init; }

    /// <param name="known">The objects that are desired or held here: those of them that the order names are selected.</param>
    public static SyncOrder Of(TargetSyncOrder order, IEnumerable<ResourceId> known) => new(order.OperationId, SyncTriggers.User, order.Prune, Everything: true)
    {
        IsDryRun = order.DryRun,
        WithoutHooks = order.WithoutHooks,
        Selected = order.Objects.Count == 0 ? null : known.Where(order.Selects).ToHashSet(),
        Options = order.Options,
        OnFailure = order.OnFailure,
        OverrideWindow = order.OverrideWindow,
    };

    public bool Includes(ResourceId id) => Selected is null || Selected.Contains(id);

    /// <summary>The desired state as far as this sync goes.</summary>
    public DesiredState Narrow(DesiredState built) =>
        Selected is null ? built : built with { Objects = [.. built.Objects.Where(item => Selected.Contains(item.Id))], Hooks = [] };

    /// <summary>What is deleted or handed over, as far as this sync goes.</summary>
    public SyncPlan Narrow(SyncPlan plan) => Selected is null ? plan : plan with
    {
        PruneCandidates = [.. plan.PruneCandidates.Where(entry => Selected.Contains(entry.Id))],
        HandedOver = [.. plan.HandedOver.Where(handed => Selected.Contains(handed.Entry.Id))],
    };
}
