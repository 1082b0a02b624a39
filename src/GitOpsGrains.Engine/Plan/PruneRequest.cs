using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Plan;

/// <summary>Why objects are to be deleted.</summary>
public enum PruneCause
{
    /// <summary>Their manifests are no longer in Git.</summary>
    LeftGit,
    /// <summary>The target itself goes away and its deletion policy is delete. A person or a commit said so: no budget, no render.</summary>
    TargetDeleted,
}

public enum ReadOutcome
{
    Found,
    /// <summary>The server says that it does not exist.</summary>
    NotFound,
    /// <summary>The server could not be asked.</summary>
    Failed,
}

/// <param name="Live">Read just now; set exactly if the outcome is Found.</param>
public sealed record PruneCandidate(InventoryEntry Entry, ReadOutcome Outcome, LiveObject? Live);

/// <summary>How far pruning may go without a person.</summary>
public sealed record PrunePolicy
{
    public static PrunePolicy Default { get; } = new();

    /// <summary>Default: false.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>Held are prunes of more objects than this and more than <see cref="BudgetPercent"/>. Default: 10.</summary>
    public int BudgetObjects { get; init; } = 10;

    /// <summary>Of the inventory. Default: 30.</summary>
    public int BudgetPercent { get; init; } = 30;

    /// <summary>Kinds that are never deleted without approval.</summary>
    public IReadOnlySet<string> ConfirmKinds { get; init; } =
        new HashSet<string>(StringComparer.Ordinal) { "CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim" };
}

/// <summary>All that the decision to delete rests on. Every default forbids.</summary>
public sealed record PruneRequest
{
    public PruneCause Cause { get; init; }
    public TrackingOwner Owner { get; init; } = new("", "", "");
    public PrunePolicy Policy { get; init; } = PrunePolicy.Default;
    public IReadOnlyList<PruneCandidate> Candidates { get; init; } = [];

    /// <summary>Objects in the inventory, candidates included.</summary>
    public int InventoryCount { get; init; }

    public bool IsRenderSucceeded { get; init; }
    public int DesiredCount { get; init; }
    public bool IsDiscoveryComplete { get; init; }
    public bool IsClusterSame { get; init; }

    /// <summary>Applications that share the commit and are not rendered yet: one of them may want a candidate.</summary>
    public IReadOnlyList<string> PendingRenders { get; init; } = [];

    /// <summary>Owner text of another target on this cluster that desires the object, or null.</summary>
    public Func<ResourceId, string?> WantedByOther { get; init; } = static _ => null;

    /// <summary>A person approved deleting the object.</summary>
    public Func<ResourceId, bool> IsApproved { get; init; } = static _ => false;
}
