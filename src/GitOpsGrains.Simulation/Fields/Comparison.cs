using System.Text.Json.Nodes;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>What a write changes, field by field.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    private static readonly Comparison Same = new(FieldSet.Empty, FieldSet.Empty, FieldSet.Empty);

    /// <summary>Fields of the built-in API that are values in Go: always there, so never added as a whole.</summary>
    private static readonly HashSet<string> AlwaysThere = ["metadata", "spec", "status", "template", "strategy", "updateStrategy", "jobTemplate"];

    public bool IsSame => Added.IsEmpty && Modified.IsEmpty && Removed.IsEmpty;

    public FieldSet Changed => Added.Union(Modified);

    /// <summary>Absent is null on either side.</summary>
    public static Comparison Of(JsonNode? before, JsonNode? after, SchemaType type) => Walk(before, after, type, isAlwaysThere: true);

    private static Comparison Walk(JsonNode? before, JsonNode? after, SchemaType type, bool isAlwaysThere = false)
    {
        if (before is null && after is null) return Same;
        var isMap = (before is null || type.IsGranularMap(before)) && (after is null || type.IsGranularMap(after));
        var isList = (before is null || type.IsGranularList(before)) && (after is null || type.IsGranularList(after));
        var isNothing = Count(before) == 0 && Count(after) == 0;
        if (isNothing || (!isMap && !isList)) return Leaf(before, after);
        var children = new Builder();
        if (isMap)
        {
            foreach (var (name, child) in before as JsonObject ?? [])
                children.Add(FieldSteps.Field(name), Walk(child, (after as JsonObject)?[name], type.Member(name) ?? SchemaType.Any, IsAlwaysThere(name, type)));
            foreach (var (name, child) in after as JsonObject ?? [])
                if ((before as JsonObject)?[name] is null) children.Add(FieldSteps.Field(name), Walk(null, child, type.Member(name) ?? SchemaType.Any, IsAlwaysThere(name, type)));
        }
        else
        {
            WalkItems(before as JsonArray ?? [], after as JsonArray ?? [], type, children);
        }

        return children.Build(before is null && !isAlwaysThere, after is null && !isAlwaysThere);
    }

    private static void WalkItems(JsonArray before, JsonArray after, SchemaType type, Builder children)
    {
        var old = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in before) old.TryAdd(FieldSteps.Item(type, item, ""), item);
        foreach (var item in after)
        {
            var step = FieldSteps.Item(type, item, "");
            children.Add(step, Walk(old.Remove(step, out var was) ? was : null, item, type.Item));
        }

        foreach (var (step, item) in old) children.Add(step, Walk(item, null, type.Item));
    }

    private static bool IsAlwaysThere(string name, SchemaType type) => type.IsBuiltIn && AlwaysThere.Contains(name);

    private static Comparison Leaf(JsonNode? before, JsonNode? after)
    {
        var leaf = FieldSet.Of(true, null);
        if (before is null) return Same with { Added = leaf };
        if (after is null) return Same with { Removed = leaf };
        return JsonNode.DeepEquals(before, after) ? Same : Same with { Modified = leaf };
    }

    private static int Count(JsonNode? node) => node switch
    {
        null => 0,
        JsonObject map => map.Count,
        JsonArray list => list.Count,
        _ => 1,
    };

    private sealed class Builder
    {
        private readonly SortedDictionary<string, FieldSet> _added = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, FieldSet> _modified = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, FieldSet> _removed = new(StringComparer.Ordinal);

        public void Add(string step, Comparison child)
        {
            if (!child.Added.IsEmpty) _added[step] = child.Added;
            if (!child.Modified.IsEmpty) _modified[step] = child.Modified;
            if (!child.Removed.IsEmpty) _removed[step] = child.Removed;
        }

        public Comparison Build(bool isAdded, bool isRemoved) =>
            new(FieldSet.Of(isAdded, _added), FieldSet.Of(false, _modified), FieldSet.Of(isRemoved, _removed));
    }
}
