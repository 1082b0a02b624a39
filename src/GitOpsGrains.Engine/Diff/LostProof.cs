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
    public static bool CanBeHadFrom(LiveObject live, DesiredObject desired, ApplyPolicy policy = default) =>
        live.Annotation(Tracking.DigestAnnotation) == desired.Hash.ToString()
        && (!policy.IsApplied || (ManagedFields.Own(live) is { } own && !ManagedFields.HasRivals(live, own) && IsIn(desired.Json(), own.Fields())))
        && ObjectDiff.Compute(desired.Json(), live, DiffScope.WantedFields).Count == 0;

    /// <summary>The manifest has all these fields. What tells an item of a list from others may be left to its default.</summary>
    private static bool IsIn(JsonElement manifest, FieldSet fields)
    {
        foreach (var (element, below) in fields.Children)
        {
            if (Follow(manifest, element) is not { } found || (!below.IsLeaf && !IsIn(found, element is ['k', ..] ? WithoutKeys(below, element) : below))) return false;
        }
        return true;
    }

    private static JsonElement? Follow(JsonElement manifest, string element)
    {
        if (element is not ['k', ..]) return FieldElement.TryFollow(manifest, element, out var found) && found.ValueKind != JsonValueKind.Undefined ? found : null;
        if (!FieldElement.TryParse(element, out var keys)) return null;
        foreach (var item in manifest.Items())
            if (item.ValueKind == JsonValueKind.Object && keys.Properties().All(key => !item.TryGetProperty(key.Name, out var value) || JsonElement.DeepEquals(value, key.Value)))
                return item;
        return null;
    }

    private static FieldSet WithoutKeys(FieldSet item, string element) => FieldElement.TryParse(element, out var keys)
        ? keys.Properties().Aggregate(item, static (left, key) => left.Without($"f:{key.Name}"))
        : item;
}
