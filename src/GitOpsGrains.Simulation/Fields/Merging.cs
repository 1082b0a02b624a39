using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Fields;

/// <summary>Puts an applied value over a live one, and takes fields out again. New values; the operands stay as they are.</summary>
internal static class Merging
{
    public static JsonNode? Merge(JsonNode? live, JsonNode? applied, SchemaType type)
    {
        if (type.IsGranularMap(applied) && live is JsonObject left)
        {
            var merged = new JsonObject(Math.Max(((JsonObject)applied!).Count, left.Count));
            var right = (JsonObject)applied!;
            for (var at = 0; at < left.Count; at++)
            {
                var (name, child) = left.At(at);
                var place = right.IndexOf(name, at);
                merged.Append(name, place >= 0 ? Merge(child, right.At(place).Value, type.Member(name) ?? SchemaType.Any) : child?.DeepClone());
            }

            for (var at = 0; at < right.Count; at++)
            {
                var (name, child) = right.At(at);
                if (left.IndexOf(name, at) < 0) merged.Append(name, child?.DeepClone());
            }

            return merged;
        }

        if (type.IsGranularList(applied) && live is JsonArray list) return MergeLists(list, (JsonArray)applied!, type);
        // An unchanged value stays the live one, so that comparing the two needs no look at it.
        return live is JsonValue && JsonNode.DeepEquals(live, applied) ? live : applied?.DeepClone();
    }

    /// <summary>Takes out the members of a set that the value has; a map or list that gets empty by it goes too.</summary>
    public static JsonNode? Remove(JsonNode? value, FieldSet fields, SchemaType type)
    {
        if (value is JsonObject map)
        {
            var rest = new JsonObject();
            foreach (var (name, child) in map)
                Put(fields.Child(FieldSteps.Field(name)), child, type.Member(name) ?? SchemaType.Any, kept => rest[name] = kept);
            return rest.Count == 0 && map.Count > 0 ? null : rest;
        }

        if (!type.IsGranularList(value)) return value?.DeepClone();
        var items = new JsonArray();
        foreach (var item in (JsonArray)value!) Put(fields.Child(FieldSteps.Item(type, item, "")), item, type.Item, items.Add);
        return items.Count == 0 && ((JsonArray)value).Count > 0 ? null : items;
    }

    private static void Put(FieldSet? fields, JsonNode? child, SchemaType type, Action<JsonNode?> keep)
    {
        if (fields is null)
        {
            keep(child?.DeepClone());
            return;
        }

        if (fields.IsMember) return;
        if (Remove(child, fields, type) is { } rest) keep(rest);
    }

    /// <summary>The applied items keep the applied order; live ones of others stay between their neighbours.</summary>
    private static JsonArray MergeLists(JsonArray live, JsonArray applied, SchemaType type)
    {
        var merged = new JsonArray();
        if (type.IsSameOrder(live, applied))
        {
            for (var at = 0; at < live.Count; at++) merged.Add(Merge(live[at], applied[at], type.Item));
            return merged;
        }

        var left = live.Select(item => FieldSteps.Item(type, item, "")).ToList();
        var right = applied.Select(item => FieldSteps.Item(type, item, "")).ToList();
        var (inLeft, inRight) = (Index(left), Index(right));
        var shared = new Queue<string>(right.Where(inLeft.ContainsKey));
        var (l, r) = (0, 0);
        while (l < left.Count || r < right.Count)
        {
            if (l < left.Count && !inRight.ContainsKey(left[l]))
            {
                merged.Add(live[l++]?.DeepClone());
                continue;
            }

            // A shared item whose turn has been or will come with the applied order.
            if (l < left.Count && r < right.Count && left[l] != right[r] && shared.TryPeek(out var next) && left[l] != next)
            {
                l++;
                continue;
            }

            if (r >= right.Count)
            {
                l++;
                continue;
            }

            if (shared.TryPeek(out var turn) && turn == right[r])
            {
                shared.Dequeue();
                if (l < left.Count && left[l] == right[r]) l++;
            }

            merged.Add(inLeft.TryGetValue(right[r], out var at) ? Merge(live[at], applied[r], type.Item) : applied[r]?.DeepClone());
            r++;
        }

        return merged;
    }

    private static Dictionary<string, int> Index(List<string> steps)
    {
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var at = 0; at < steps.Count; at++) index.TryAdd(steps[at], at);
        return index;
    }
}
