using System.Text.Json;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>
/// The value that a live object has for every leaf of what is wanted: the truth about drift, told without the product's
/// own comparison. Items of lists are found by name or port, others by place; a list of plain values is one leaf
/// (but finalizers, which are a set of many managers).
/// </summary>
internal static class DesiredLeaves
{
    private static readonly string[] Keys = ["name", "port", "containerPort", "mountPath", "uid"];

    public static SortedDictionary<string, string> Read(JsonElement wanted, JsonElement live)
    {
        var leaves = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Walk(wanted, live, "", leaves);
        return leaves;
    }

    private static void Walk(JsonElement wanted, JsonElement live, string path, SortedDictionary<string, string> leaves)
    {
        if (wanted.ValueKind == JsonValueKind.Object && wanted.EnumerateObject().Any())
        {
            foreach (var property in wanted.EnumerateObject())
                Walk(property.Value, Child(live, property.Name), $"{path}/{property.Name}", leaves);
        }
        else if (wanted.ValueKind == JsonValueKind.Array && wanted.GetArrayLength() > 0 && KeyOf(wanted) is { } key)
        {
            var order = new List<string>();
            foreach (var item in wanted.EnumerateArray())
            {
                var name = item.GetProperty(key).ToString();
                Walk(item, Find(live, key, item), $"{path}/{name}", leaves);
                order.Add(name);
            }
            if (live.ValueKind == JsonValueKind.Array)
                leaves[path + "#order"] = string.Join(',', live.EnumerateArray().Select(item => Child(item, key).ToString()).Where(order.Contains));
        }
        else if (path == "/metadata/finalizers")
        {
            foreach (var item in wanted.EnumerateArray())
                leaves[$"{path}/{item}"] = live.ValueKind == JsonValueKind.Array && live.EnumerateArray().Any(other => other.ToString() == item.ToString()) ? "there" : "absent";
        }
        else
        {
            // An empty map says only that it is there; others may fill it.
            leaves[path] = wanted.ValueKind == JsonValueKind.Object ? live.ValueKind.ToString() : live.ValueKind == JsonValueKind.Undefined ? "absent" : live.GetRawText();
        }
    }

    private static string? KeyOf(JsonElement list) => Array.Find(Keys, key => list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(key, out _)));

    private static JsonElement Find(JsonElement list, string key, JsonElement wanted) => list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray().FirstOrDefault(item => Child(item, key).ToString() == wanted.GetProperty(key).ToString() && SameProtocol(item, wanted))
        : default;

    private static bool SameProtocol(JsonElement item, JsonElement wanted) =>
        !wanted.TryGetProperty("protocol", out var protocol) || Child(item, "protocol").ToString() == protocol.ToString();

    private static JsonElement Child(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;
}
