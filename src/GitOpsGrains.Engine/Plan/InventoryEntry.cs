using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Plan;

/// <summary>One object that a target applied and has not given up. Stored.</summary>
public sealed record InventoryEntry
{
    public ResourceId Id { get; init; }

    /// <summary>As it was applied.</summary>
    public string ApiVersion { get; init; } = "";
    public string Uid { get; init; } = "";
    public Digest DesiredHash { get; init; }

    /// <summary>Null: to be proven by the next check.</summary>
    public ObjectProof? Proof { get; init; }

    /// <summary>Paths that left Git and that another manager keeps alive: the object is not as Git wants it, whatever its proof says.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>The manager that keeps the first of them; "" where there is none.</summary>
    public string KeptBy { get; init; } = "";

    /// <summary>A namespace that is in no manifest: made because of CreateNamespace, never pruned.</summary>
    public bool IsCreatedNamespace { get; init; }

    /// <summary>Annotations of the applied manifest that speak of deleting the object; null where there are none. See <see cref="DeletionWish"/>.</summary>
    public IReadOnlyDictionary<string, string>? Wishes { get; init; }

    /// <summary>The applied manifest says that the object makes nothing out of sync when it is in Git no more.</summary>
    public bool IgnoresExtraneous { get; init; }

    /// <summary>The applied manifest says that the object goes only when all else is healthy.</summary>
    public bool IsPrunedLast { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }
}
