using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Plan;

/// <summary>
/// After a sync the inventory of a target names all that is desired, with the hash of each body. Sealed then, it serves after a
/// restart for all that needs no body (claims, proofs, health), and the manifests are read when one is needed.
/// </summary>
public static class InventoryOutline
{
    /// <summary>
    /// The seal of an inventory that says all of the desired state that it was applied from. None where it does not: faults, hooks,
    /// what is left out or waits, an annotation that says how to write an object, an entry that is in no manifest.
    /// </summary>
    /// <param name="from">What the desired state was built from.</param>
    public static Digest Seal(DesiredState state, OutlineSource from, IReadOnlyDictionary<ResourceId, InventoryEntry> inventory)
    {
        if (state.IsOutline || state.Faults.Count + state.Hooks.Count + state.LeftOut.Count + state.Notices.Count + state.Waiting > 0) return default;
        if (state.Objects.Count == 0 || state.Objects.Count != inventory.Count) return default;
        foreach (var item in state.Objects)
            if (!inventory.TryGetValue(item.Id, out var entry) || entry.DesiredHash != item.Hash || entry.ApiVersion != item.ApiVersion || SaysHow(item)) return default;
        return SealOf(from, inventory);
    }

    /// <summary>The desired state without bodies; null where the seal is another one, or the cluster does not serve each kind as it did.</summary>
    public static DesiredState? Open(Digest seal, OutlineSource from, IReadOnlyDictionary<ResourceId, InventoryEntry> inventory, ApiCatalog catalog)
    {
        if (seal.IsNone || inventory.Count == 0 || seal != SealOf(from, inventory) || !inventory.Values.All(entry => IsServed(catalog, entry))) return null;
        return DesiredState.Outline(inventory.Values.Select(entry => DesiredObject.Outline(entry.Id, entry.ApiVersion, entry.DesiredHash)));
    }

    private static bool SaysHow(DesiredObject item) => item.Annotations.Count > 0 && ApplyPolicy.Annotations.Any(item.Annotations.ContainsKey);

    private static bool IsServed(ApiCatalog catalog, InventoryEntry entry) =>
        catalog.Find(entry.Id, entry.ApiVersion) is { } resource && resource.Namespaced == entry.Id.Namespace.Length > 0;

    /// <remarks>The hash of a body is one of its id as well, so their sum stands for all entries in any order.</remarks>
    private static Digest SealOf(OutlineSource from, IReadOnlyDictionary<ResourceId, InventoryEntry> inventory)
    {
        var (a, b) = (0UL, 0UL);
        foreach (var entry in inventory.Values) (a, b) = (unchecked(a + entry.DesiredHash.A), unchecked(b + entry.DesiredHash.B));
        return Digest.Of($"outline/1 {from.Build} {from.Set} {from.Owner} {from.Namespace} {inventory.Count} {a:x16}{b:x16}");
    }
}

/// <summary>What decides, beside the cluster's kinds, which objects come of a set of manifests.</summary>
/// <param name="Namespace">The destination's.</param>
public sealed record OutlineSource(Digest Set, string Namespace, TrackingOwner Owner)
{
    /// <summary>Another build of the program may make other bodies of the same manifests.</summary>
    public Guid Build { get; init; } = typeof(InventoryOutline).Module.ModuleVersionId;
}
