using System.Text.Json.Nodes;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>The lines that the members and items of one document stand on; nodes made by aliases have none.</summary>
internal sealed class NodeLines
{
    private readonly Dictionary<(JsonNode Parent, string Key), int> _members = [];
    private readonly Dictionary<(JsonNode Parent, int Index), int> _items = [];

    public int? Start { get; set; }

    public void Set(JsonObject parent, string key, int line) => _members[(parent, key)] = line;

    public void Set(JsonArray parent, int index, int line) => _items[(parent, index)] = line;

    public int? Of(JsonObject parent, string key) => _members.TryGetValue((parent, key), out var line) ? line : null;

    public int? Of(JsonArray parent, int index) => _items.TryGetValue((parent, index), out var line) ? line : null;

    /// <summary>The line of a path of keys, or of the last key of it that has one.</summary>
    public int? OfPath(JsonObject root, string path)
    {
        var (line, node) = (Start, (JsonNode?)root);
        foreach (var step in path.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            if (node is JsonObject map && map.ContainsKey(step)) (line, node) = (Of(map, step) ?? line, map[step]);
            else if (node is JsonArray list && int.TryParse(step.AsSpan().TrimEnd(']'), out var index) && index < list.Count)
                (line, node) = (Of(list, index) ?? line, list[index]);
            else return line;
        }

        return line;
    }
}
