using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// A sync from its beginning to its end, over all its tries: it outlives the activation, so that what was asked for is
/// carried out after a restart too.
/// </summary>
public sealed class OngoingSync
{
    /// <summary>As it began, or as the last try left it.</summary>
    public TargetOperation Operation { get; set; } = new();

    /// <summary>The set of manifests that it applies; a newer one overtakes it.</summary>
    public Digest SetDigest { get; set; }

    /// <summary>The destination namespace that it was begun with.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>Why a person ended it, stored before it ends: a restart must not begin it again. Null while nobody has.</summary>
    public string? Terminated { get; set; }

    /// <summary>Tries that have failed.</summary>
    public int Failures { get; set; }

    /// <summary>When the next try begins; null: at once, or it is under way.</summary>
    public DateTimeOffset? NextAttempt { get; set; }

    /// <summary>Why the last try failed; "" before one has.</summary>
    public string Cause { get; set; } = "";

    public string Trigger { get; set; } = "";
    public bool Prune { get; set; }
    public bool Everything { get; set; }
    public bool WithoutHooks { get; set; }
    public bool OverrideWindow { get; set; }

    /// <summary>Only these objects; null for all.</summary>
    public List<ResourceId>? Selected { get; set; }
    public List<string> Options { get; set; } = [];
    public string? OnFailure { get; set; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }

    internal static OngoingSync Of(SyncOrder order, TargetOperation operation, TargetDesired desired) => new()
    {
        Operation = operation,
        SetDigest = desired.SetDigest,
        Namespace = desired.Namespace,
        Trigger = order.Trigger,
        Prune = order.Prune,
        Everything = order.Everything,
        WithoutHooks = order.WithoutHooks,
        OverrideWindow = order.OverrideWindow,
        Selected = order.Selected is null ? null : [.. order.Selected],
        Options = [.. order.Options],
        OnFailure = order.OnFailure,
    };

    /// <summary>Whether it is still what the target is to be.</summary>
    internal bool IsOf(TargetDesired desired) => !desired.Suspended && SetDigest == desired.SetDigest && Namespace == desired.Namespace;

    internal SyncOrder ToOrder() => new(Operation.Id, Trigger, Prune, Everything)
    {
        WithoutHooks = WithoutHooks,
        OverrideWindow = OverrideWindow,
        Selected = Selected?.ToHashSet(),
        Options = Options,
        OnFailure = OnFailure,
    };
}
