using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What a target remembers of one object between events; in memory only, on the target's scheduler.</summary>
internal sealed class TrackedObject(ResourceId id)
{
    public ResourceId Id { get; } = id;

    /// <summary>Null for an object that left the desired state.</summary>
    public DesiredObject? Desired { get; set; }

    public SyncStatus Sync { get; set; } = SyncStatus.Unknown;
    public string? Message { get; set; }
    public ApplyAction? Action { get; set; }
    public IReadOnlyList<DriftView> Drift { get; set; } = [];

    /// <summary>What was put back last; null when nothing was, or longer ago than this activation.</summary>
    public RepairView? Repaired { get; set; }

    /// <summary>The object as our last write or read left it; the watch may still be behind it.</summary>
    public ObservedObject? LastRead { get; set; }

    /// <summary>The epoch of the server's store that <see cref="LastRead"/> is of.</summary>
    public int LastReadEpoch { get; set; }

    /// <summary>Fields that others added and that are worth a word: <see cref="ForeignFieldRules"/>.</summary>
    public IReadOnlyList<ForeignField> Foreign { get; set; } = [];

    /// <summary>A request about this object is under way: its events wait.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The check under way, or the last one. It steps back when a sync begins, and the sync waits for that.</summary>
    public Task? Checking { get; set; }

    /// <summary>A sync was brought forward because the object went away; once for each time that it goes.</summary>
    public bool IsGoneNoted { get; set; }

    public bool HasParkedEvents { get; set; }

    /// <summary>Timestamp at which a scheduled check falls due; null when none is scheduled.</summary>
    public long? RecheckDue { get; set; }

    public long? CheckedAt { get; set; }

    /// <summary>How often in a row it could not be made or looked at because its namespace or its kind is gone.</summary>
    public int Homeless { get; set; }

    /// <summary>How often it was looked at in vain.</summary>
    public CheckHistory Checks { get; set; } = CheckHistory.None;

    /// <summary>The write under way puts back what others changed: it leaves ignored fields alone.</summary>
    public bool IsHealing { get; set; }

    public HealHistory Heals { get; set; } = HealHistory.None;
    public IReadOnlyList<Rewrite> Rewrites { get; set; } = [];

    /// <summary>Says that a path left Git and another manager keeps it alive, which no proof can show; else null.</summary>
    public Condition? Kept { get; set; }
}
