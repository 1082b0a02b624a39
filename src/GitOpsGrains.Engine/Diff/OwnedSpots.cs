using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>The places in an object that a set of managedFields names.</summary>
internal static class OwnedSpots
{
    /// <param name="fields">What the managers own of the live object.</param>
    /// <param name="others">What is somebody else's beside them: an item of a list that is in it stays, only fields in it are theirs.</param>
    public static IEnumerable<FieldSpot> Find(FieldSet fields, FieldSet others, TreeMap root) => Below(fields, others, root, "", []);

    private static IEnumerable<FieldSpot> Below(FieldSet fields, FieldSet others, TreeNode node, string parent, IReadOnlyCollection<string> keys)
    {
        foreach (var (element, below) in fields.Children)
        {
            if (Follow(element, node, parent, keys) is not { } spot) continue;
            var also = others.Find(element) ?? FieldSet.Empty;
            var isItem = element.StartsWith("k:", StringComparison.Ordinal);
            if (below.IsLeaf || (isItem && below.IsMember && also.IsEmpty)) yield return spot;
            else
                foreach (var inner in Below(below, also, spot.Value, spot.Identity, isItem ? KeysOf(element) : []))
                    yield return inner;
        }
    }

    /// <summary>Null where the object has no such place. The fields that tell an item from others are no places.</summary>
    private static FieldSpot? Follow(string element, TreeNode node, string parent, IReadOnlyCollection<string> keys)
    {
        var text = element.Length > 2 ? element[2..] : "";
        switch (element, node)
        {
            case (['f', ':', ..], TreeMap map):
                return keys.Contains(text) || map[text] is null ? null : FieldSpot.Of(map, text, parent);
            case (['k', ':', ..], TreeList list):
                return Read(text) is TreeMap wanted ? At(list, parent, item => item is TreeMap map && wanted.Entries.All(key => IsEqual(map[key.Key], key.Value))) : null;
            case (['v', ':', ..], TreeList list):
                return Read(text) is { } value ? At(list, parent, item => IsEqual(item, value)) : null;
            case (['i', ':', ..], TreeList list):
                return int.TryParse(text, out var index) && index >= 0 && index < list.Items.Count ? FieldSpot.Of(list, index, parent) : null;
            default:
                return null;
        }
    }

    private static FieldSpot? At(TreeList list, string parent, Predicate<TreeNode> isWanted) =>
        list.Items.FindIndex(isWanted) is >= 0 and var index ? FieldSpot.Of(list, index, parent) : null;

    private static IReadOnlyCollection<string> KeysOf(string element) => Read(element[2..]) is TreeMap keys ? [.. keys.Entries.Select(key => key.Key)] : [];

    private static TreeNode? Read(string json)
    {
        try
        {
            return JsonTreeReader.ReadTrusted(System.Text.Encoding.UTF8.GetBytes(json));
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static bool IsEqual(TreeNode? left, TreeNode right) => left is not null && CanonicalJson.Write(left).AsSpan().SequenceEqual(CanonicalJson.Write(right));
}
