using System.Globalization;
using GitOpsGrains.Documents.Fields;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>One place in an object: a key of a mapping or an item of a list.</summary>
/// <param name="Key">Null for an item.</param>
/// <param name="Identity">
/// The same for the same place of another object: items of a list count by their names where all have one of their own,
/// else by their index.
/// </param>
internal readonly record struct FieldSpot(TreeNode Parent, string? Key, int Index, string Identity)
{
    /// <summary>Of one path in one object. Further places are left as they are.</summary>
    private const int MaxSpots = 10_000;

    public TreeNode Value => Key is null ? ((TreeList)Parent).Items[Index] : ((TreeMap)Parent)[Key]!;

    /// <summary>Of the place that this one is in; "" for a field of the object itself.</summary>
    public string ParentIdentity => Identity[..Identity.LastIndexOf('\0')];

    /// <summary>The places in an object that a path names.</summary>
    public static IReadOnlyList<FieldSpot> Find(FieldPath path, TreeMap root)
    {
        List<(FieldSpot? Spot, TreeNode Node)> found = [(null, root)];
        foreach (var step in path.Steps)
        {
            var next = new List<(FieldSpot?, TreeNode)>();
            foreach (var (spot, node) in found)
            {
                if (next.Count > MaxSpots) break;
                if (step is not FieldStep.Where where) next.AddRange(Follow(step, node, spot?.Identity ?? "").Select(static below => ((FieldSpot?)below, below.Value)));
                else if (FieldTests.Passes(where.Test, node)) next.Add((spot, node));
            }
            found = next;
        }
        return [.. found.Where(static item => item.Spot is not null).Select(static item => item.Spot!.Value)];
    }

    /// <summary>The values that steps lead to; the same rules as <see cref="Find"/>.</summary>
    public static IEnumerable<TreeNode> Values(IReadOnlyList<FieldStep> steps, TreeNode node)
    {
        IEnumerable<TreeNode> values = [node];
        foreach (var step in steps)
            values = step is FieldStep.Where where
                ? values.Where(value => FieldTests.Passes(where.Test, value))
                : values.SelectMany(value => Follow(step, value, "").Select(static below => below.Value));
        return values.Take(MaxSpots);
    }

    /// <summary>A key below a mapping.</summary>
    public static FieldSpot Of(TreeMap map, string key, string parent) => new(map, key, 0, $"{parent}\0{key}");

    /// <summary>An item of a list.</summary>
    public static FieldSpot Of(TreeList list, int index, string parent) => new(list, null, index, $"{parent}\0[{NameOf(list, index)}]");

    private static IEnumerable<FieldSpot> Follow(FieldStep step, TreeNode node, string parent) => (step, node) switch
    {
        (FieldStep.Name name, TreeMap map) => Member(map, name.Key, parent),
        (FieldStep.Segment segment, TreeMap map) => Member(map, segment.Text, parent),
        (FieldStep.Segment segment, TreeList list) => IndexOf(segment.Text) is { } index ? Item(list, index, parent) : [],
        (FieldStep.Index index, TreeList list) => Item(list, index.At < 0 ? list.Items.Count + index.At : index.At, parent),
        (FieldStep.Each, TreeList list) => Enumerable.Range(0, list.Items.Count).Select(index => Of(list, index, parent)),
        (FieldStep.Each { OfListsOnly: false }, TreeMap map) => map.Entries.Select(entry => Of(map, entry.Key, parent)),
        _ => [],
    };

    private static FieldSpot[] Member(TreeMap map, string key, string parent) => map[key] is null ? [] : [Of(map, key, parent)];

    private static FieldSpot[] Item(TreeList list, int index, string parent) => index >= 0 && index < list.Items.Count ? [Of(list, index, parent)] : [];

    private static int? IndexOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && (text.Length == 1 || text[0] != '0') ? index : null;

    private static string NameOf(TreeList list, int index)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.Items)
            if ((item as TreeMap)?.Text("name") is not { } name || !names.Add(name))
                return index.ToString(CultureInfo.InvariantCulture);
        return "name=" + ((TreeMap)list.Items[index]).Text("name");
    }
}
