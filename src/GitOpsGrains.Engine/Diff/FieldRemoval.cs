using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>Takes out of an object what a manager owns and nobody else does: what a server does when an apply drops fields.</summary>
internal static class FieldRemoval
{
    /// <summary>Maps and lists that this empties go too, unless somebody owns them.</summary>
    /// <param name="fields">What is to go.</param>
    /// <param name="kept">What stays, with all that it lies in.</param>
    public static void Remove(TreeNode node, FieldSet fields, FieldSet kept)
    {
        if (node is TreeMap map) RemoveFields(map, fields, kept);
        else if (node is TreeList list) RemoveItems(list, fields, kept);
    }

    private static void RemoveFields(TreeMap map, FieldSet fields, FieldSet kept)
    {
        foreach (var (element, below) in fields.Children)
        {
            if (!element.StartsWith("f:", StringComparison.Ordinal) || map[element[2..]] is not { } child) continue;
            if (Goes(child, below, kept.Find(element))) map.Remove(element[2..]);
        }
    }

    private static void RemoveItems(TreeList list, FieldSet fields, FieldSet kept)
    {
        var gone = new List<TreeNode>();
        foreach (var (element, below) in fields.Children)
            if (ItemOf(list, element) is { } item && Goes(item, below, kept.Find(element)))
                gone.Add(item);
        list.Items.RemoveAll(gone.Contains);
    }

    /// <summary>Whether the child itself goes; else what goes of it has been taken out.</summary>
    private static bool Goes(TreeNode child, FieldSet below, FieldSet? kept)
    {
        if (kept is null && below.IsMember) return true;
        if (kept is { IsWhole: true }) return false;
        var wasEmpty = IsEmpty(child);
        Remove(child, below, kept ?? FieldSet.Empty);
        return kept is null && !wasEmpty && IsEmpty(child);
    }

    private static bool IsEmpty(TreeNode node) => node is TreeMap { Count: 0 } or TreeList { Items.Count: 0 };

    private static TreeNode? ItemOf(TreeList list, string element) => FieldElement.TryParse(element, out var wanted)
        ? list.Items.Find(item => element[0] == 'k' ? HasKeys(item, wanted) : IsEqual(item, wanted))
        : null;

    private static bool HasKeys(TreeNode item, JsonElement keys) =>
        item is TreeMap map && keys.ValueKind == JsonValueKind.Object && keys.EnumerateObject().All(key => map[key.Name] is { } value && IsEqual(value, key.Value));

    private static bool IsEqual(TreeNode node, JsonElement value) => JsonElement.DeepEquals(TrustedJson.Parse(CanonicalJson.Write(node)), value);
}
