using System.Text.Json.Nodes;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>
/// A set of fields as a tree. Names of steps are those of "FieldsV1": f:name, k:{"name":"a"}, v:"a". Sets are values: the
/// operations make new ones and may share parts with their operands.
/// </summary>
internal sealed class FieldSet
{
    public static readonly FieldSet Empty = new(false, null);

    private static readonly FieldSet Leaf = new(true, null);

    private readonly SortedDictionary<string, FieldSet>? _children;

    private FieldSet(bool isMember, SortedDictionary<string, FieldSet>? children)
    {
        IsMember = isMember;
        _children = children is { Count: > 0 } ? children : null;
    }

    public bool IsMember { get; }

    public bool IsEmpty => !IsMember && _children is null;

    public FieldSet? Child(string step) => _children is not null && _children.TryGetValue(step, out var child) ? child : null;

    public static FieldSet Of(bool isMember, SortedDictionary<string, FieldSet>? children) =>
        children is { Count: > 0 } ? new FieldSet(isMember, children) : isMember ? Leaf : Empty;

    public FieldSet Union(FieldSet other)
    {
        if (other.IsEmpty) return this;
        if (IsEmpty) return other;
        var children = Copy();
        foreach (var (step, child) in other.Children())
            children[step] = children.TryGetValue(step, out var mine) ? mine.Union(child) : child;
        return Of(IsMember || other.IsMember, children);
    }

    public FieldSet Without(FieldSet other)
    {
        if (other.IsEmpty || IsEmpty) return this;
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (step, child) in Children())
        {
            var rest = other.Child(step) is { } theirs ? child.Without(theirs) : child;
            if (!rest.IsEmpty) children[step] = rest;
        }

        return Of(IsMember && !other.IsMember, children);
    }

    /// <summary>Without what others own, and without maps in which they own something; an item of a list is held only by who owns the item itself.</summary>
    public FieldSet WithoutHeld(FieldSet owned, bool isItem = false)
    {
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (step, child) in Children())
        {
            var rest = owned.Child(step) is { } theirs ? child.WithoutHeld(theirs, step[0] != 'f') : child;
            if (!rest.IsEmpty) children[step] = rest;
        }

        return Of(IsMember && !owned.IsMember && (isItem || owned.IsEmpty), children);
    }

    public FieldSet Intersect(FieldSet other)
    {
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (step, child) in Children())
        {
            var both = other.Child(step) is { } theirs ? child.Intersect(theirs) : Empty;
            if (!both.IsEmpty) children[step] = both;
        }

        return Of(IsMember && other.IsMember, children);
    }

    /// <summary>Without a step and all below it.</summary>
    public FieldSet Drop(params ReadOnlySpan<string> path)
    {
        if (Child(path[0]) is not { } child) return this;
        var children = Copy();
        var rest = path.Length == 1 ? Empty : child.Drop(path[1..]);
        if (rest.IsEmpty) children.Remove(path[0]);
        else children[path[0]] = rest;
        return Of(IsMember, children);
    }

    /// <summary>Only a step and all below it.</summary>
    public FieldSet Keep(string step) =>
        Child(step) is { } child ? Of(false, new SortedDictionary<string, FieldSet>(StringComparer.Ordinal) { [step] = child }) : Empty;

    /// <summary>As a server writes the path in a message: .spec.containers[name="a"].image.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (IsMember) yield return prefix;
        foreach (var (step, child) in Children())
            foreach (var path in child.Paths(prefix + FieldSteps.Text(step))) yield return path;
    }

    public bool SetEquals(FieldSet other) =>
        IsMember == other.IsMember && (_children?.Count ?? 0) == (other._children?.Count ?? 0)
        && Children().All(child => other.Child(child.Key) is { } theirs && child.Value.SetEquals(theirs));

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (_children is null) return json;
        if (IsMember) json["."] = new JsonObject();
        foreach (var (step, child) in _children) json[step] = child.ToJson();
        return json;
    }

    /// <summary>Errors: FormatException.</summary>
    public static FieldSet Parse(JsonNode? json) => Parse(json, isRoot: true);

    private static FieldSet Parse(JsonNode? json, bool isRoot)
    {
        if (json is not JsonObject fields) throw new FormatException("fieldsV1 is made of objects");
        var children = new SortedDictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (step, child) in fields)
        {
            if (step == ".") continue;
            if (step.Length < 2 || step[1] != ':') throw new FormatException("a step of fieldsV1 begins with its kind");
            children[step] = Parse(child, isRoot: false);
        }

        return Of(fields.ContainsKey(".") || (children.Count == 0 && !isRoot), children);
    }

    private IEnumerable<KeyValuePair<string, FieldSet>> Children() => _children ?? Enumerable.Empty<KeyValuePair<string, FieldSet>>();

    private SortedDictionary<string, FieldSet> Copy() => _children is null
        ? new SortedDictionary<string, FieldSet>(StringComparer.Ordinal)
        : new SortedDictionary<string, FieldSet>(_children, StringComparer.Ordinal);
}
