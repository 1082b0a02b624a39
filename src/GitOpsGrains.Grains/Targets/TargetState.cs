using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Durable state of a target, small: a larger inventory lies in records of its own.</summary>
public sealed class TargetState
{
    public int Version { get; set; } = 1;

    public TargetDesired? Desired { get; set; }

    /// <summary>Under which key the manifest store has the desired set; null until it is stored.</summary>
    public string? ManifestKey { get; set; }

    /// <summary>What is about to be written, stored before the first write; null when nothing is under way.</summary>
    public SyncIntent? Intent { get; set; }

    /// <summary>The running or last operation.</summary>
    public TargetOperation? Operation { get; set; }

    /// <summary>A sync that was asked for and has not begun; null when none waits.</summary>
    public TargetSyncOrder? Ordered { get; set; }

    /// <summary>The sync that is under way or waits for its next try; null when none does.</summary>
    public OngoingSync? Ongoing { get; set; }

    /// <summary>The commit of the last sync that succeeded.</summary>
    public string SyncedCommit { get; set; } = "";

    /// <summary>The set of the last sync that succeeded: with the desired set, it says whether a sync is due.</summary>
    public Digest SyncedDigest { get; set; }

    /// <summary>Of the inventory as that sync left it, where it says all that is desired; see <see cref="Engine.Plan.InventoryOutline"/>.</summary>
    public Digest InventorySeal { get; set; }

    /// <summary>The set of the last sync that succeeded, to go back to when the next one fails half-way; null before the first.</summary>
    public LastGoodSet? LastGood { get; set; }

    /// <summary>The newest sets before <see cref="LastGood"/>, newest first; the older ones lie in <see cref="TargetHistoryState"/>. They are not renewed: the manifest store keeps them for a while.</summary>
    public List<PastSet> Past { get; set; } = [];

    /// <summary>Prunes that wait for a person.</summary>
    public List<HeldPrune> Held { get; set; } = [];

    /// <summary>Objects whose prune a person approved; consumed by the next sync.</summary>
    public List<ResourceId> Approved { get; set; } = [];

    /// <summary>What was deleted and may be wanted back, newest first.</summary>
    public List<TombstoneRecord> Tombstones { get; set; } = [];

    public ReleaseIntent? Releasing { get; set; }

    /// <summary>Nothing is left in our hands.</summary>
    public bool Released { get; set; }

    /// <summary>What was left behind in the cluster when the target let go without it, as people read it; "" when nothing was.</summary>
    public string LeftBehind { get; set; } = "";

    /// <summary>How many records hold the inventory; 0 while it lies in <see cref="Inventory"/>.</summary>
    public int InventoryRecords { get; set; }

    /// <summary>The inventory while it is small: at most <see cref="TargetInventory.MaxInState"/> entries.</summary>
    public List<Engine.Plan.InventoryEntry> Inventory { get; set; } = [];

    /// <summary>The newest syncs that have ended, newest first; the older ones lie in <see cref="TargetHistoryState"/>.</summary>
    public List<Documents.Rest.HistoryView> Recent { get; set; } = [];

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>
    /// Whether a new desired state may be stored with the intent of its sync: a restart before that must find the same policy, and no
    /// order to let go that this one has taken back.
    /// </summary>
    public bool MayStoreLater(TargetDesired desired) =>
        Desired is { } current && desired.PolicySequence > 0 && current.PolicySequence == desired.PolicySequence && Releasing is null && !Released;
}

/// <summary>The fencing record of a sync: who is about to write what.</summary>
public sealed class SyncIntent
{
    public string OperationId { get; set; } = "";

    /// <summary>Rises with every intent of this target; a run that finds another one here stops.</summary>
    public long Generation { get; set; }
    public Digest SetDigest { get; set; }
    public string Commit { get; set; } = "";
    public DateTimeOffset Started { get; set; }

    /// <summary>The hooks that were made so far: a sync that goes on after a restart runs none of them again.</summary>
    public List<HookRecord> Hooks { get; set; } = [];
}

/// <summary>A hook that a sync has made.</summary>
public sealed record HookRecord(Engine.Desired.SyncPhase Phase, ResourceId Id, string Uid)
{
    /// <summary>It has succeeded, and may be deleted by now.</summary>
    public bool IsDone { get; init; }
}

/// <summary>A set of manifests that was in sync, and where to find it.</summary>
public sealed class LastGoodSet
{
    public Digest SetDigest { get; set; }

    /// <summary>Under which key the manifest store has it; null when it has to be rendered again.</summary>
    public string? ManifestKey { get; set; }

    /// <summary>The destination namespace that it was applied with.</summary>
    public string Namespace { get; set; } = "";
    public string Commit { get; set; } = "";

    /// <summary>What it was rendered from; null when only <see cref="Commit"/> was kept.</summary>
    public RenderSubject? Subject { get; set; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>Where to find a set of manifests that was in sync once, to be looked at.</summary>
public sealed class PastSet
{
    public string Commit { get; set; } = "";
    public string ManifestKey { get; set; } = "";

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

public sealed class HeldPrune
{
    public ResourceId Id { get; set; }
    public string Reason { get; set; } = "";

    /// <summary>When it was first held: an approval by annotation counts from then on.</summary>
    public DateTimeOffset Since { get; set; }
}

public sealed class ReleaseIntent
{
    public Cascade Cascade { get; set; }
    public string OperationId { get; set; } = "";

    /// <summary>When it was asked for: hooks that are no older are its own, also after a restart. Null in records of before.</summary>
    public DateTimeOffset? Started { get; set; }

    /// <summary>Lets go without touching the cluster.</summary>
    public bool Force { get; set; }

    /// <summary>Since when the cluster is not usable; null while it is.</summary>
    public DateTimeOffset? WaitingSince { get; set; }

    /// <summary>The hooks of PreDelete have run.</summary>
    public bool IsPrepared { get; set; }

    /// <summary>The last wave whose hooks have run, of the phase under way.</summary>
    public int? DoneWave { get; set; }

    /// <summary>The hooks of PostDelete have run.</summary>
    public bool IsConcluded { get; set; }
}

/// <summary>Past syncs of a target but for the newest few, newest first.</summary>
public sealed class TargetHistoryState
{
    public int Version { get; set; } = 1;
    public List<Documents.Rest.HistoryView> Entries { get; set; } = [];

    /// <summary>As <see cref="TargetState.Past"/>.</summary>
    public List<PastSet> Past { get; set; } = [];
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>One record of a target's inventory.</summary>
public sealed class InventoryRecordState
{
    public int Version { get; set; } = 1;
    public List<Engine.Plan.InventoryEntry> Entries { get; set; } = [];
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}
