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

    /// <summary>An empty render may prune everything, within the budget. Default: false, then a person is asked.</summary>
    public bool AllowEmpty { get; init; }

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

    /// <summary>Other targets of the cluster that have not said what they desire since the start: one of them may want a candidate.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>The application's own options; an object's annotation wins over them.</summary>
    public SyncOptionSet Options { get; init; } = SyncOptionSet.None;

    /// <summary>
    /// Of a namespace or a definition: an object that any target of the cluster desires and that would be deleted with it, as
    /// people name it; null if there is none.
    /// </summary>
    public Func<ResourceId, string?> DesiredWithin { get; init; } = static _ => null;

    /// <summary>When the prune of the object was first held; null if it never was.</summary>
    public Func<ResourceId, DateTimeOffset?> HeldSince { get; init; } = static _ => null;

    /// <summary>The target itself desires the object by now: its manifest came back while others were being deleted.</summary>
    public Func<ResourceId, bool> IsDesired { get; init; } = static _ => false;

    /// <summary>Owner text of another target on this cluster that desires the object, or null.</summary>
    public Func<ResourceId, string?> WantedByOther { get; init; } = static _ => null;

    /// <summary>
    /// Another target on this cluster whose manifests have the object without applying it (a hook that is skipped, a version that is
    /// not served, an object that it may not have), as people name it; null if there is none.
    /// </summary>
    public Func<ResourceId, string?> NamedByOther { get; init; } = static _ => null;

    /// <summary>Objects that stay by what was decided before: what holds them is not deleted either.</summary>
    public IReadOnlyCollection<ResourceId> Staying { get; init; } = [];

    /// <summary>A person approved deleting the object.</summary>
    public Func<ResourceId, bool> IsApproved { get; init; } = static _ => false;
}
