using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// What an action changed in an object, as a patch that the server refuses (409) if the object changed since it was read.
/// Scripts can't tell an empty list from an empty map, and do not see null values: neither counts as a change.
/// </summary>
public static class ActionPatch
{
    private const string OwnPrefix = "gitopsgrains.io/";

    /// <summary>
    /// The RFC 6902 patch; empty if nothing changed. Errors: <see cref="InvalidDataException"/> for a change of what an
    /// action may not touch: apiVersion, kind, metadata other than labels and annotations, and our own of those.
    /// </summary>
    public static ReadOnlyMemory<byte> Of(LiveObject live, JsonObject changed)
    {
        var operations = new JsonArray();
        foreach (var (name, before, after) in Members(live.Root, changed))
        {
            if (name is "apiVersion" or "kind")
            {
                // List items lack them.
                if (before.IsPresent() && !IsSame(before, after)) throw NotAllowed($"/{name}");
            }
            else if (name == "metadata") CompareMetadata(before, after as JsonObject ?? throw NotAllowed("/metadata"), operations);
            else Compare($"/{Escape(name)}", before, after, operations);
        }
        if (operations.Count == 0) return ReadOnlyMemory<byte>.Empty;
        operations.Insert(0, Operation("replace", "/metadata/resourceVersion", JsonValue.Create(live.ResourceVersion)));
        return JsonSerializer.SerializeToUtf8Bytes<JsonNode>(operations);
    }

    private static void CompareMetadata(JsonElement before, JsonObject after, JsonArray operations)
    {
        foreach (var (name, old, now) in Members(before, after))
        {
            var path = $"/metadata/{Escape(name)}";
            if (name == "managedFields") continue;
            if (name is not ("labels" or "annotations"))
            {
                if (!IsSame(old, now)) throw NotAllowed(path);
                continue;
            }
            foreach (var (key, oldValue, newValue) in Members(old, now as JsonObject ?? []))
                if (key.StartsWith(OwnPrefix, StringComparison.Ordinal) && !IsSame(oldValue, newValue))
                    throw NotAllowed($"{path}/{Escape(key)}");
            Compare(path, old, now, operations);
        }
    }

    private static void Compare(string path, JsonElement before, JsonNode? after, JsonArray operations)
    {
        if (after is null)
        {
            if (before.IsPresent()) operations.Add(Operation("remove", path, null));
        }
        else if (!before.IsPresent())
        {
            // A null value is there all the same: "add" replaces it.
            operations.Add(Operation("add", path, after.DeepClone()));
        }
        else if (before.ValueKind == JsonValueKind.Object && after is JsonObject map)
        {
            foreach (var (name, old, now) in Members(before, map)) Compare($"{path}/{Escape(name)}", old, now, operations);
        }
        else if (before.ValueKind == JsonValueKind.Array && after is JsonArray list && list.Count == before.GetArrayLength())
        {
            for (var i = 0; i < list.Count; i++) Compare($"{path}/{i.ToString(CultureInfo.InvariantCulture)}", before[i], list[i], operations);
        }
        else if (before.ValueKind == JsonValueKind.Array && after is JsonObject { Count: 0 })
        {
            if (before.GetArrayLength() > 0) operations.Add(Operation("replace", path, new JsonArray()));
        }
        else if (!IsSame(before, after)) operations.Add(Operation("replace", path, after.DeepClone()));
    }

    /// <summary>The names of both sides, the old ones first.</summary>
    private static IEnumerable<(string Name, JsonElement Before, JsonNode? After)> Members(JsonElement before, JsonObject after)
    {
        foreach (var property in before.Properties()) yield return (property.Name, property.Value, after[property.Name]);
        foreach (var (name, value) in after)
            if (before.Field(name).ValueKind == JsonValueKind.Undefined)
                yield return (name, default, value);
    }

    private static bool IsSame(JsonElement before, JsonNode? after)
    {
        var changes = new JsonArray();
        switch (before.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                return after is null;
            case JsonValueKind.Object or JsonValueKind.Array when after is JsonObject or JsonArray:
                if (before.ValueKind == JsonValueKind.Array && after is JsonArray list && list.Count != before.GetArrayLength()) return false;
                if (before.ValueKind == JsonValueKind.Object && after is JsonArray) return false;
                Compare("", before, after, changes);
                return changes.Count == 0;
            case JsonValueKind.Number when after is JsonValue value && value.GetValueKind() == JsonValueKind.Number:
                return before.TryGetInt64(out var integer) && value.TryGetValue<long>(out var other) ? integer == other : before.GetDouble() == DoubleOf(value);
            default:
                return after is not null && before.ValueKind == after.GetValueKind() && (before.ValueKind != JsonValueKind.String || before.GetString() == after.GetValue<string>());
        }
    }

    private static double DoubleOf(JsonValue value) => value.TryGetValue<double>(out var number) ? number : value.GetValue<long>();

    private static JsonObject Operation(string operation, string path, JsonNode? value)
    {
        var made = new JsonObject { ["op"] = operation, ["path"] = path };
        if (operation != "remove") made["value"] = value;
        return made;
    }

    private static InvalidDataException NotAllowed(string path) => new($"the action changes {path}, which no action may");

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
