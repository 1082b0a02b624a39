using GitOpsGrains.Documents.Fields;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// The fields of one object that are left to others. Our own label and annotations are never among them: without them the
/// object could not be seen.
/// </summary>
public sealed class ObjectIgnores
{
    private readonly IReadOnlyList<FieldPath> _paths;
    private readonly IReadOnlySet<string> _managers;

    internal ObjectIgnores(string key, IReadOnlyList<FieldPath> paths, IReadOnlySet<string> managers) =>
        (Key, _paths, _managers) = (key, paths, managers);

    public static ObjectIgnores None { get; } = new("", [], new HashSet<string>());

    /// <summary>The same for the same rules; "" for none. A proof that was made under other rules proves nothing.</summary>
    public string Key { get; }

    public bool IsEmpty => Key.Length == 0;

    /// <summary>
    /// Takes the ignored fields out of both sides of a comparison, with mappings and lists that are empty after it.
    /// Both trees are changed.
    /// </summary>
    /// <param name="live">What the managed fields are read from.</param>
    public void Strip(TreeMap wanted, TreeMap liveTree, LiveObject live)
    {
        if (IsEmpty) return;
        Remove(wanted, live);
        Remove(liveTree, live);
    }

    /// <summary>
    /// The apply configuration with the live values of ignored fields: what a write with RespectIgnoreDifferences, and
    /// every heal, sends. A field that the live object lacks is left out. Names, status and our own label and annotations
    /// stay as they are. The body itself when nothing is ignored.
    /// </summary>
    /// <param name="body">JSON of a <see cref="DesiredObject"/>.</param>
    public ReadOnlyMemory<byte> Respect(ReadOnlyMemory<byte> body, LiveObject live)
    {
        if (IsEmpty) return body;
        var root = (TreeMap)JsonTreeReader.ReadTrusted(body.Span);
        Respect(root, live);
        return CanonicalJson.Write(root);
    }

    /// <summary>As <see cref="Respect(ReadOnlyMemory{byte}, LiveObject)"/>, for an object that is to be written.</summary>
    public DesiredObject Respect(DesiredObject desired, LiveObject live) => IsEmpty ? desired : desired with { Body = Respect(desired.Body, live) };

    /// <summary>As <see cref="Respect(ReadOnlyMemory{byte}, LiveObject)"/>; the tree is changed.</summary>
    public void Respect(TreeMap desired, LiveObject live)
    {
        if (IsEmpty) return;
        var tree = ObjectTree.Whole(live.Root);
        var wanted = Spots(desired, live).Where(MayCopy).DistinctBy(spot => spot.Identity).ToArray();
        var present = Spots(tree, live).Where(MayCopy).DistinctBy(spot => spot.Identity).ToDictionary(spot => spot.Identity, StringComparer.Ordinal);
        var gone = new List<FieldSpot>();
        foreach (var spot in wanted)
        {
            if (!present.Remove(spot.Identity, out var theirs)) gone.Add(spot);
            else if (spot.Key is not null) ((TreeMap)spot.Parent).Set(spot.Key, theirs.Value.Clone());
            else ((TreeList)spot.Parent).Items[spot.Index] = theirs.Value.Clone();
        }
        var parents = Containers(desired, "").ToDictionary(entry => entry.Identity, entry => entry.Node, StringComparer.Ordinal);
        // What managers own and Git lacks needs no word of ours to stay.
        foreach (var theirs in PathSpots(tree).Where(spot => present.ContainsKey(spot.Identity)).DistinctBy(spot => spot.Identity))
        {
            var parent = parents.GetValueOrDefault(theirs.ParentIdentity);
            if (parent is TreeMap map && theirs.Key is not null) map.Set(theirs.Key, theirs.Value.Clone());
            else if (parent is TreeList list && theirs.Key is null) list.Items.Add(theirs.Value.Clone());
        }
        Remove(desired, gone);
    }

    private void Remove(TreeMap root, LiveObject live) => Remove(root, Spots(root, live).Where(spot => !IsOwnMark(spot)).ToList());

    private static void Remove(TreeMap root, List<FieldSpot> spots)
    {
        if (spots.Count == 0) return;
        var marks = OwnMarks(root);
        var touched = new HashSet<TreeNode>();
        foreach (var group in spots.GroupBy(spot => spot.Parent))
        {
            touched.Add(group.Key);
            if (group.Key is TreeMap map)
                foreach (var spot in group) map.Remove(spot.Key!);
            else
                foreach (var index in group.Select(spot => spot.Index).Distinct().OrderDescending()) ((TreeList)group.Key).Items.RemoveAt(index);
        }
        DropEmptied(root, touched);
        foreach (var (mapName, key, value) in marks) root.GetOrAddMap("metadata").GetOrAddMap(mapName).Set(key, value);
    }

    /// <summary>Containers that lost something and have nothing left.</summary>
    private static void DropEmptied(TreeNode node, HashSet<TreeNode> touched)
    {
        if (node is TreeMap map)
        {
            foreach (var (_, child) in map.Entries) DropEmptied(child, touched);
            if (map.RemoveAll(entry => IsEmptied(entry.Value, touched)) > 0) touched.Add(map);
        }
        else if (node is TreeList list)
        {
            foreach (var child in list.Items) DropEmptied(child, touched);
            if (list.Items.RemoveAll(item => IsEmptied(item, touched)) > 0) touched.Add(list);
        }
    }

    private static bool IsEmptied(TreeNode node, HashSet<TreeNode> touched) =>
        node is TreeMap { Count: 0 } or TreeList { Items.Count: 0 } && touched.Contains(node);

    private IEnumerable<FieldSpot> Spots(TreeMap root, LiveObject live) => PathSpots(root).Concat(ManagerSpots(root, live));

    private IEnumerable<FieldSpot> PathSpots(TreeMap root) => _paths.SelectMany(path => FieldSpot.Find(path, root));

    private IEnumerable<FieldSpot> ManagerSpots(TreeMap root, LiveObject live)
    {
        if (_managers.Count == 0) return [];
        var (theirs, others) = (FieldSet.Empty, FieldSet.Empty);
        foreach (var entry in ManagedFields.Of(live).Where(entry => entry.ApiVersion == live.ApiVersion))
        {
            if (_managers.Contains(entry.Manager)) theirs = theirs.Union(entry.Fields());
            else others = others.Union(entry.Fields());
        }
        return OwnedSpots.Find(theirs, others, root);
    }

    /// <summary>Status is the server's, the metadata around labels and annotations what names the object.</summary>
    private static bool MayCopy(FieldSpot spot)
    {
        var steps = spot.Identity.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return steps switch
        {
            ["apiVersion" or "kind" or "status", ..] or ["metadata"] or ["metadata", "labels" or "annotations"] => false,
            ["metadata", "labels" or "annotations", ..] => !IsOwnMark(spot),
            ["metadata", ..] => false,
            _ => true,
        };
    }

    private static bool IsOwnMark(FieldSpot spot) =>
        spot.Identity is $"\0metadata\0labels\0{Tracking.ManagedLabel}" or $"\0metadata\0annotations\0{Tracking.TargetAnnotation}" or $"\0metadata\0annotations\0{Tracking.DigestAnnotation}";

    private static List<(string Map, string Key, TreeNode Value)> OwnMarks(TreeMap root)
    {
        var marks = new List<(string, string, TreeNode)>();
        foreach (var (map, key) in (ReadOnlySpan<(string, string)>)
            [("labels", Tracking.ManagedLabel), ("annotations", Tracking.TargetAnnotation), ("annotations", Tracking.DigestAnnotation)])
            if (root.Map("metadata")?.Map(map)?[key] is { } value)
                marks.Add((map, key, value));
        return marks;
    }

    private static IEnumerable<(string Identity, TreeNode Node)> Containers(TreeNode node, string identity)
    {
        yield return (identity, node);
        IEnumerable<FieldSpot> below = node switch
        {
            TreeMap map => map.Entries.Select(entry => FieldSpot.Of(map, entry.Key, identity)),
            TreeList list => Enumerable.Range(0, list.Items.Count).Select(index => FieldSpot.Of(list, index, identity)),
            _ => [],
        };
        foreach (var spot in below.Where(spot => spot.Value is TreeMap or TreeList))
            foreach (var inner in Containers(spot.Value, spot.Identity))
                yield return inner;
    }
}
