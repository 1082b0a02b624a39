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

    /// <summary>A namespace that is in no manifest: made because of CreateNamespace, never pruned.</summary>
    public bool IsCreatedNamespace { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>All objects that a target applied and has not given up. Stored, whole or as shards.</summary>
public sealed record Inventory
{
    public const int CurrentVersion = 1;

    /// <summary>How many shards a large inventory is stored as.</summary>
    public const int ShardCount = 64;

    public static Inventory Empty { get; } = new();

    public int Version { get; init; } = CurrentVersion;

    /// <summary>In order of id.</summary>
    public IReadOnlyList<InventoryEntry> Entries { get; init; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    public static Inventory Of(IEnumerable<InventoryEntry> entries) => new() { Entries = [.. entries.OrderBy(entry => entry.Id)] };

    /// <summary>The shard of an object: the same for ever, since shards are stored.</summary>
    public static int ShardOf(ResourceId id) => (int)(Digest.Of(id.ToString()).A % ShardCount);
}
