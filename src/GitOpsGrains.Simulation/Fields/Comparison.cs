using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>What a write changes, field by field.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    private static readonly Comparison Same = new(FieldSet.Empty, FieldSet.Empty, FieldSet.Empty);
    private static readonly Comparison NewLeaf = Same with { Added = FieldSet.Of(true, []) };
    private static readonly Comparison ChangedLeaf = Same with { Modified = FieldSet.Of(true, []) };
    private static readonly Comparison GoneLeaf = Same with { Removed = FieldSet.Of(true, []) };

    /// <summary>Fields of the built-in API that are values in Go: always there, so never added as a whole.</summary>
    private static readonly HashSet<string> AlwaysThere = ["metadata", "spec", "status", "template", "strategy", "updateStrategy", "jobTemplate"];

    public bool IsSame => Added.IsEmpty && Modified.IsEmpty && Removed.IsEmpty;

    public FieldSet Changed { get; } = Added.Union(Modified);

    /// <summary>Absent is null on either side.</summary>
    public static Comparison Of(JsonNode? before, JsonNode? after, SchemaType type) => Walk(before, after, type, isAlwaysThere: true);

    private static Comparison Walk(JsonNode? before, JsonNode? after, SchemaType type, bool isAlwaysThere = false)
    {
        // Unchanged values are shared by the two.
        if (ReferenceEquals(before, after)) return Same;
        var isMap = (before is null || type.IsGranularMap(before)) && (after is null || type.IsGranularMap(after));
        var isList = (before is null || type.IsGranularList(before)) && (after is null || type.IsGranularList(after));
        var isNothing = Count(before) == 0 && Count(after) == 0;
        if (isNothing || (!isMap && !isList)) return Leaf(before, after);
        var children = new Builder();
        if (isMap) WalkMaps(before as JsonObject ?? [], after as JsonObject ?? [], type, ref children);
        else WalkItems(before as JsonArray ?? [], after as JsonArray ?? [], type, ref children);
        return children.Build(before is null && !isAlwaysThere, after is null && !isAlwaysThere);
    }

    private static void WalkMaps(JsonObject before, JsonObject after, SchemaType type, ref Builder children)
    {
        for (var at = 0; at < before.Count; at++)
        {
            var (name, was) = before.At(at);
            var place = after.IndexOf(name, at);
            children.Add(name, Walk(was, place < 0 ? null : after.At(place).Value, type.Member(name) ?? SchemaType.Any, IsAlwaysThere(name, type)));
        }

        for (var at = 0; at < after.Count; at++)
        {
            var (name, now) = after.At(at);
            var place = before.IndexOf(name, at);
            if (place < 0) children.Add(name, Walk(null, now, type.Member(name) ?? SchemaType.Any, IsAlwaysThere(name, type)));
        }
    }

    private static void WalkItems(JsonArray before, JsonArray after, SchemaType type, ref Builder children)
    {
        if (type.IsSameOrder(before, after))
        {
            for (var at = 0; at < before.Count; at++)
                if (Walk(before[at], after[at], type.Item) is { IsSame: false } child) children.AddStep(FieldSteps.Item(type, before[at], ""), child);
            return;
        }

        var old = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in before) old.TryAdd(FieldSteps.Item(type, item, ""), item);
        foreach (var item in after)
        {
            var step = FieldSteps.Item(type, item, "");
            children.AddStep(step, Walk(old.Remove(step, out var was) ? was : null, item, type.Item));
        }

        foreach (var (step, item) in old) children.AddStep(step, Walk(item, null, type.Item));
    }

    private static bool IsAlwaysThere(string name, SchemaType type) => type.IsBuiltIn && AlwaysThere.Contains(name);

    private static Comparison Leaf(JsonNode? before, JsonNode? after)
    {
        if (before is null) return NewLeaf;
        if (after is null) return GoneLeaf;
        return JsonNode.DeepEquals(before, after) ? Same : ChangedLeaf;
    }

    private static int Count(JsonNode? node) => node switch
    {
        null => 0,
        JsonObject map => map.Count,
        JsonArray list => list.Count,
        _ => 1,
    };

    private struct Builder
    {
        private FieldSetBuilder? _added;
        private FieldSetBuilder? _modified;
        private FieldSetBuilder? _removed;

        public void Add(string name, Comparison child)
        {
            if (!child.IsSame) AddStep(FieldSteps.Field(name), child);
        }

        public void AddStep(string step, Comparison child)
        {
            if (!child.Added.IsEmpty) (_added ??= new FieldSetBuilder()).Add(step, child.Added);
            if (!child.Modified.IsEmpty) (_modified ??= new FieldSetBuilder()).Add(step, child.Modified);
            if (!child.Removed.IsEmpty) (_removed ??= new FieldSetBuilder()).Add(step, child.Removed);
        }

        public readonly Comparison Build(bool isAdded, bool isRemoved)
        {
            if (_added is null && _modified is null && _removed is null && !isAdded && !isRemoved) return Same;
            return new(FieldSet.Of(isAdded, _added?.Build() ?? []), FieldSet.Of(false, _modified?.Build() ?? []), FieldSet.Of(isRemoved, _removed?.Build() ?? []));
        }
    }
}
