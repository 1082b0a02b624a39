using System.Globalization;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;

namespace GitOpsGrains.Simulation.Patching;

/// <summary>RFC 6902. A patch that doesn't fit is refused as servers do: 422 "the server rejected our request".</summary>
internal static class JsonPatch
{
    public const int MaxOperations = 10_000;

    public static JsonNode? Apply(JsonNode target, JsonArray patch)
    {
        var copied = 0;
        if (patch.Count > MaxOperations) throw new ApiException(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {patch.Count}");
        JsonNode? root = target;
        foreach (var item in patch)
        {
            if (item is not JsonObject operation) throw Refused("an operation is an object");
            root = Run(root, operation, ref copied);
        }

        return root;
    }

    private static JsonNode? Run(JsonNode? root, JsonObject operation, ref int copied)
    {
        var path = Pointer(operation["path"]);
        switch (operation["op"]?.ToString())
        {
            case "add":
                return Add(root, path, operation["value"]?.DeepClone());
            case "remove":
                Remove(root, path);
                return root;
            case "replace":
                Get(root, path);
                return path.Length == 0 ? operation["value"]?.DeepClone() : Add(RemoveIn(root, path), path, operation["value"]?.DeepClone());
            case "move":
                var moved = Get(root, Pointer(operation["from"]))?.DeepClone();
                Remove(root, Pointer(operation["from"]));
                return Add(root, path, moved);
            case "copy":
                var original = Get(root, Pointer(operation["from"]));
                copied += original?.ToUtf8().Length ?? 0;
                // Each copy of a copy doubles it.
                if (copied > StoredObject.MaxBytes) throw ApiException.TooLarge(StoredObject.MaxBytes);
                return Add(root, path, original?.DeepClone());
            case "test":
                if (!JsonNode.DeepEquals(Get(root, path), operation["value"])) throw Refused($"testing value {operation["path"]} failed");
                return root;
            default:
                throw Refused("an operation is add, remove, replace, move, copy or test");
        }
    }

    private static JsonNode? RemoveIn(JsonNode? root, string[] path)
    {
        Remove(root, path);
        return root;
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length + Depth(value) > StoredObject.MaxDepth) throw Refused("the object would nest too deep");
        if (path.Length == 0) return value;
        switch (Get(root, path[..^1]))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list when path[^1] == "-":
                list.Add(value);
                break;
            case JsonArray list:
                list.Insert(Index(path[^1], list.Count), value);
                break;
            default:
                throw Refused($"add operation does not apply: doc is missing path: /{string.Join('/', path)}");
        }

        return root;
    }

    private static void Remove(JsonNode? root, string[] path)
    {
        if (path.Length == 0) throw Refused("the whole object can't be removed");
        Get(root, path);
        switch (Get(root, path[..^1]))
        {
            case JsonObject map:
                map.Remove(path[^1]);
                break;
            case JsonArray list:
                list.RemoveAt(Index(path[^1], list.Count - 1));
                break;
        }
    }

    private static JsonNode? Get(JsonNode? root, string[] path)
    {
        var at = root;
        foreach (var step in path)
        {
            at = at switch
            {
                JsonObject map when map.ContainsKey(step) => map[step],
                JsonArray list => list[Index(step, list.Count - 1)],
                _ => throw Refused($"the path /{string.Join('/', path)} does not exist"),
            };
        }

        return at;
    }

    private static int Depth(JsonNode? value) => value switch
    {
        JsonObject map => 1 + map.Select(static entry => Depth(entry.Value)).DefaultIfEmpty().Max(),
        JsonArray list => 1 + list.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private static int Index(string step, int last) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last ? index : throw Refused($"index {step} is out of bounds");

    private static string[] Pointer(JsonNode? path)
    {
        var text = path?.ToString() ?? throw Refused("an operation has a path");
        if (text.Length == 0) return [];
        return text[0] != '/' ? throw Refused("a path begins with /") : [.. text[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static ApiException Refused(string why) => new(422, "Invalid", $"the server rejected our request due to an error in our request: {why}");
}
