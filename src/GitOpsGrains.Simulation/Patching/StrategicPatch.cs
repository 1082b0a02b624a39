using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Patching;

/// <summary>
/// Strategic merge patches, as kubectl sends them: lists with a merge key merge by it, sets of scalars unite, all else is taken
/// as it is. Directives: $patch (delete, replace, merge), $deleteFromPrimitiveList, $setElementOrder, $retainKeys.
/// </summary>
internal static class StrategicPatch
{
    private const string Directive = "$patch";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";
    private const string ElementOrder = "$setElementOrder/";
    private const string RetainKeys = "$retainKeys";

    public static JsonNode Apply(JsonObject target, JsonObject patch, SchemaType type)
    {
        if (patch[Directive]?.ToString() == "replace") return Plain(patch);
        foreach (var (name, change) in patch)
        {
            if (name is Directive or RetainKeys || name.StartsWith(DeleteFrom, StringComparison.Ordinal) || name.StartsWith(ElementOrder, StringComparison.Ordinal)) continue;
            var member = type.Member(name) ?? SchemaType.Any;
            var current = target[name];
            target.Remove(name);
            if (change is not null && Put(current, change, member) is { } next) target[name] = next;
        }

        foreach (var (name, change) in patch)
        {
            if (name.StartsWith(DeleteFrom, StringComparison.Ordinal)) DeleteScalars(target, name[DeleteFrom.Length..], change);
            else if (name.StartsWith(ElementOrder, StringComparison.Ordinal)) Sort(target, name[ElementOrder.Length..], change, type);
        }

        if (patch[RetainKeys] is JsonArray kept)
        {
            var names = kept.Select(static name => name!.ToString()).ToHashSet();
            foreach (var name in target.Select(static entry => entry.Key).Where(name => !names.Contains(name)).ToArray()) target.Remove(name);
        }

        return target;
    }

    private static JsonNode? Put(JsonNode? current, JsonNode change, SchemaType type)
    {
        if (change is JsonObject map)
        {
            if (map[Directive]?.ToString() == "delete") return null;
            return Apply(current as JsonObject ?? [], map, type);
        }

        if (change is not JsonArray list || type.Kind != SchemaKind.List) return change.DeepClone();
        if (type.List == ListKind.Set) return Unite(current as JsonArray ?? [], list);
        return type.PatchKey is { } key ? MergeItems(current as JsonArray ?? [], list, type, key) : list.DeepClone();
    }

    private static JsonArray Unite(JsonArray current, JsonArray added)
    {
        foreach (var item in added)
            if (!current.Any(known => JsonNode.DeepEquals(known, item))) current.Add(item?.DeepClone());
        return current;
    }

    private static JsonArray MergeItems(JsonArray current, JsonArray changes, SchemaType type, string key)
    {
        if (changes.OfType<JsonObject>().Any(static item => item.Count == 1 && item[Directive]?.ToString() == "replace"))
            return new JsonArray([.. changes.OfType<JsonObject>().Where(static item => !item.ContainsKey(Directive)).Select(static item => item.DeepClone())]);
        foreach (var change in changes)
        {
            if (change is not JsonObject item || item[key] is not { } name) throw ApiException.BadRequest($"map: an item of a strategic merge patch does not contain declared merge key: {key}");
            var at = IndexOf(current, key, name);
            if (item[Directive]?.ToString() == "delete")
            {
                if (at >= 0) current.RemoveAt(at);
            }
            else if (at < 0)
            {
                current.Add(Apply([], item, type.Item));
            }
            else
            {
                var known = (JsonObject)current[at]!.DeepClone();
                current[at] = Apply(known, item, type.Item);
            }
        }

        return current;
    }

    private static int IndexOf(JsonArray list, string key, JsonNode name)
    {
        for (var at = 0; at < list.Count; at++)
            if (list[at] is JsonObject item && JsonNode.DeepEquals(item[key], name)) return at;
        return -1;
    }

    private static void DeleteScalars(JsonObject target, string name, JsonNode? values)
    {
        if (target[name] is not JsonArray list || values is not JsonArray gone) return;
        target[name] = new JsonArray([.. list.Where(item => !gone.Any(value => JsonNode.DeepEquals(value, item))).Select(static item => item?.DeepClone())]);
    }

    private static void Sort(JsonObject target, string name, JsonNode? order, SchemaType type)
    {
        if (target[name] is not JsonArray list || order is not JsonArray wanted) return;
        var key = type.Member(name)?.PatchKey;
        var places = wanted.Select(item => Place(item, key)).ToList();
        var sorted = list.Select(item => item?.DeepClone()).OrderBy(item => places.IndexOf(Place(item, key)) is >= 0 and var at ? at : int.MaxValue).ToArray();
        target[name] = new JsonArray(sorted);
    }

    private static string Place(JsonNode? item, string? key) => (item is JsonObject map && key is not null ? map[key] : item)?.ToJsonString() ?? "";

    private static JsonObject Plain(JsonObject patch)
    {
        var plain = (JsonObject)patch.DeepClone();
        plain.Remove(Directive);
        return plain;
    }
}
