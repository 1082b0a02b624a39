using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>An object can show by itself that it is as desired, so that a lost proof costs a read and no write.</summary>
public static class LostProof
{
    /// <summary>
    /// The object carries the digest of this very manifest, our apply entry stands with no rival beside it and names nothing else
    /// (a field of somebody else that was taken over goes with the next apply alone), and every field that the manifest names has
    /// its value. A value that the server writes in another form counts as different.
    /// </summary>
    /// <param name="policy">A replaced object needs no apply entry: what others own of it goes with the next write anyway.</param>
    public static bool CanBeHadFrom(LiveObject live, DesiredObject desired, ApplyPolicy policy = default)
    {
        if (live.Annotation(Tracking.DigestAnnotation) != desired.Hash.ToString()) return false;
        var manifest = desired.Json();
        return (!policy.IsApplied || (ManagedFields.Own(live) is { } own && !ManagedFields.HasRivals(live, own) && HasAll(manifest, own.Fields())))
            && ObjectDiff.Compute(manifest, live, DiffScope.WantedFields).Count == 0;
    }

    private static bool HasAll(JsonElement manifest, FieldSet fields) => fields.Children.All(child => Has(manifest, child.Key, child.Value));

    /// <summary>What tells an item of a list from others may be left to its default in the manifest.</summary>
    private static bool Has(JsonElement manifest, string element, FieldSet below)
    {
        if (element is not ['k', ..])
            return FieldElement.TryFollow(manifest, element, out var found) && found.ValueKind != JsonValueKind.Undefined && HasAll(found, below);
        if (!FieldElement.TryParse(element, out var keys)) return false;
        var item = manifest.Items().FirstOrDefault(item => FieldElement.MayHaveKeys(item, keys));
        return item.ValueKind != JsonValueKind.Undefined && HasAll(item, keys.Properties().Aggregate(below, static (left, key) => left.Without($"f:{key.Name}")));
    }
}
