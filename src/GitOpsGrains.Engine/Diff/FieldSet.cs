using System.Text;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// A set of field paths as <c>managedFields[].fieldsV1</c> holds it: "f:" names a field, "k:" an item of a keyed list,
/// "v:" an item of a set, "i:" an index, "." the node itself. Immutable.
/// </summary>
public sealed class FieldSet
{
    private const int MaxDepth = 200;

    private readonly SortedDictionary<string, FieldSet> _children;
    private readonly bool _isMember;

    private FieldSet(bool isMember, SortedDictionary<string, FieldSet> children)
    {
        _isMember = isMember;
        _children = children;
    }

    public static FieldSet Empty { get; } = new(false, new(StringComparer.Ordinal));

    public bool IsEmpty => !_isMember && _children.Count == 0;

    /// <summary>The node itself is in the set.</summary>
    internal bool IsMember => _isMember;

    /// <summary>The node is in the set with all that is in it, whatever that is.</summary>
    internal bool IsWhole => _isMember && _children.Count == 0;

    /// <summary>Anything that is no object is the empty set.</summary>
    public static FieldSet Parse(JsonElement fields) =>
        fields.ValueKind == JsonValueKind.Object && fields.EnumerateObject().MoveNext() ? Node(fields, 0) : Empty;

    /// <param name="elements">As in fieldsV1: <c>f:spec</c>, <c>k:{"name":"a"}</c> …</param>
    public bool Contains(params ReadOnlySpan<string> elements) => Find(elements) is { _isMember: true };

    /// <summary>Members at or below the path.</summary>
    public FieldSet? Find(params ReadOnlySpan<string> elements)
    {
        var node = this;
        foreach (var element in elements)
            if (!node._children.TryGetValue(element, out node))
                return null;
        return node;
    }

    /// <summary>The names of the fields ("f:") right below this node.</summary>
    public IEnumerable<string> FieldNames =>
        _children.Keys.Where(key => key.StartsWith("f:", StringComparison.Ordinal)).Select(key => key[2..]);

    public FieldSet Union(FieldSet other)
    {
        var children = new SortedDictionary<string, FieldSet>(_children, StringComparer.Ordinal);
        foreach (var (key, child) in other._children)
            children[key] = children.TryGetValue(key, out var own) ? own.Union(child) : child;
        return new FieldSet(_isMember || other._isMember, children);
    }

    public FieldSet Except(FieldSet other)
    {
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (key, child) in _children)
        {
            var rest = other._children.TryGetValue(key, out var minus) ? child.Except(minus) : child;
            if (!rest.IsEmpty) children[key] = rest;
        }

        return new FieldSet(_isMember && !other._isMember, children);
    }

    /// <summary>
    /// The fields that <paramref name="other"/> neither names nor holds as part of a whole. The maps and lists around fields
    /// don't count: updates list them and applies don't.
    /// </summary>
    public FieldSet FieldsBeyond(FieldSet other) => Beyond(other, isItem: false);

    /// <summary>The members that are in <paramref name="paths"/> or below one of its leaves.</summary>
    public FieldSet Under(FieldSet paths)
    {
        if (paths._isMember && paths._children.Count == 0) return this;
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (key, child) in _children)
            if (paths._children.TryGetValue(key, out var also) && child.Under(also) is { IsEmpty: false } both)
                children[key] = both;
        return new FieldSet(_isMember && paths._isMember, children);
    }

    /// <summary>Without an element right below this node, and all that is in it.</summary>
    public FieldSet Without(string element)
    {
        var children = new SortedDictionary<string, FieldSet>(_children, StringComparer.Ordinal);
        children.Remove(element);
        return new FieldSet(_isMember, children);
    }

    /// <summary>Both name the same field with its value; sharing only the map or list around their fields does not count.</summary>
    public bool SharesLeaf(FieldSet other)
    {
        if (_children.Count == 0 || other._children.Count == 0) return _isMember && other._isMember;
        foreach (var (key, child) in _children)
            if (other._children.TryGetValue(key, out var also) && child.SharesLeaf(also))
                return true;
        return false;
    }

    /// <summary>The members that have no member below them, as people read them: <c>.spec.ports[port=80,protocol=TCP].name</c>.</summary>
    public IEnumerable<string> LeafPaths() => LeafPaths("");

    /// <summary>As fieldsV1.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        // A leaf is "{}"; "." says that a node with children is a member too.
        if (_isMember && _children.Count > 0) WriteEmpty(writer, ".");
        foreach (var (key, child) in _children)
        {
            writer.WritePropertyName(key);
            child.Write(writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>Owned with all that is in it.</summary>
    internal bool IsLeaf => _isMember && _children.Count == 0;

    /// <summary>The way, or something above it, is owned with all that is in it.</summary>
    internal bool HoldsWhole(IReadOnlyList<string> way)
    {
        var node = this;
        foreach (var element in way)
        {
            if (node.IsLeaf) return true;
            if (!node._children.TryGetValue(element, out node)) return false;
        }

        return node.IsLeaf;
    }

    /// <summary>The leaves, and the items of keyed lists, that pass; with them the way to each.</summary>
    /// <param name="passes">Given the elements from the root on.</param>
    internal FieldSet Pick(Func<IReadOnlyList<string>, bool> passes) => Pick(passes, []);

    private FieldSet Pick(Func<IReadOnlyList<string>, bool> passes, List<string> way)
    {
        var isItem = way.Count > 0 && IsItem(way[^1]);
        if (IsLeaf) return passes(way) ? this : Empty;
        // An item goes as a whole or not at all: without its keys it would be no item.
        if (isItem && _isMember) return passes(way) && LeafWays(way).All(leaf => passes(leaf)) ? this : Empty;
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (key, child) in _children)
        {
            way.Add(key);
            if (child.Pick(passes, way) is { IsEmpty: false } rest) children[key] = rest;
            way.RemoveAt(way.Count - 1);
        }

        return new FieldSet(false, children);
    }

    private IEnumerable<IReadOnlyList<string>> LeafWays(IReadOnlyList<string> way) =>
        _children.Count == 0 ? [way] : _children.SelectMany(child => child.Value.LeafWays([.. way, child.Key]));

    /// <summary>The elements from the root to each leaf; an item of a keyed list that is owned as such counts as one.</summary>
    internal IEnumerable<IReadOnlyList<string>> Ways() => Ways([]);

    private IEnumerable<IReadOnlyList<string>> Ways(IReadOnlyList<string> way) =>
        _children.Count == 0 || (way.Count > 0 && IsItem(way[^1]) && _isMember)
            ? IsEmpty ? [] : [way]
            : _children.SelectMany(child => child.Value.Ways([.. way, child.Key]));

    /// <summary>The elements right below this node; empty for a field that is owned with all that is in it.</summary>
    internal IEnumerable<KeyValuePair<string, FieldSet>> Children => _children;

    private FieldSet Beyond(FieldSet other, bool isItem)
    {
        if (other._isMember && other._children.Count == 0) return Empty;
        if (_children.Count == 0) return _isMember && other.IsEmpty ? this : Empty;
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (key, child) in _children)
            if (child.Beyond(other._children.GetValueOrDefault(key) ?? Empty, IsItem(key)) is { IsEmpty: false } rest)
                children[key] = rest;
        // An item of a keyed list is something by itself, whoever set the fields in it.
        return new FieldSet(isItem && _isMember && other.IsEmpty, children);
    }

    private static bool IsItem(string element) => element.StartsWith("k:", StringComparison.Ordinal);

    private static FieldSet Node(JsonElement fields, int depth)
    {
        if (depth > MaxDepth) throw new JsonException($"a field path is longer than {MaxDepth} elements");
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        var isMember = false;
        foreach (var property in fields.Properties())
        {
            if (property.NameEquals(".")) isMember = true;
            else children[property.Name] = Node(property.Value, depth + 1);
        }

        return new FieldSet(isMember || children.Count == 0, children);
    }

    private static void WriteEmpty(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteEndObject();
    }

    private IEnumerable<string> LeafPaths(string prefix)
    {
        if (_children.Count == 0)
        {
            if (_isMember) yield return prefix.Length == 0 ? "." : prefix;
            yield break;
        }

        foreach (var (key, child) in _children)
            foreach (var path in child.LeafPaths(prefix + Display(key)))
                yield return path;
    }

    private static string Display(string element)
    {
        var text = element.Length > 2 ? element[2..] : "";
        return element switch
        {
            ['f', ':', ..] => "." + text,
            ['k', ':', ..] => "[" + KeyText(element) + "]",
            ['v', ':', ..] => "[=" + text + "]",
            _ => "[" + text + "]",
        };
    }

    private static string KeyText(string element)
    {
        if (!FieldElement.TryParse(element, out var key)) return element[2..];
        var text = new StringBuilder();
        foreach (var part in key.Properties())
            text.Append(text.Length > 0 ? "," : "").Append(part.Name).Append('=').Append(part.Value.ToString());
        return text.ToString();
    }
}
