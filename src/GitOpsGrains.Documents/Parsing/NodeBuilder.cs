using System.Text.Json.Nodes;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>What the YAML and the JSON reader share: limits, lines and the fault of a key that comes twice.</summary>
internal abstract class NodeBuilder(DocumentLimits limits, FaultList faults)
{
    private int _nodes;
    private long _expanded;

    protected DocumentLimits Limits { get; } = limits;

    protected FaultList Faults { get; } = faults;

    public NodeLines Lines { get; } = new();

    /// <summary>Adds a member; the first of two of the same name stays.</summary>
    protected void Add(JsonObject map, string key, JsonNode? value, NodePath path, int line)
    {
        if (!map.TryAdd(key, value))
        {
            Faults.Add(path.Key(key).ToString(), "the field is given twice", line);
            return;
        }

        Lines.Set(map, key, line);
    }

    protected void CheckKey(string key, int line)
    {
        if (key.Length > Limits.MaxKeyLength) throw new NodeLimitException($"a key is longer than {Limits.MaxKeyLength} characters", line);
    }

    /// <param name="expanded">Characters that an alias adds; those of the text itself have their own limit.</param>
    protected void Count(int depth, int line, int nodes = 1, long expanded = 0)
    {
        if (depth > Limits.MaxDepth) throw new NodeLimitException($"nested deeper than {Limits.MaxDepth} levels", line);
        (_nodes, _expanded) = (_nodes + nodes, _expanded + expanded);
        if (_nodes > Limits.MaxNodes) throw new NodeLimitException($"more than {Limits.MaxNodes} values, aliases expanded", line);
        if (_expanded > Limits.MaxBytes) throw new NodeLimitException($"more than {Limits.MaxBytes} characters in expanded aliases", line);
    }
}

/// <summary>A document that is beyond <see cref="DocumentLimits"/> or uses what is not allowed; it is read no further.</summary>
internal sealed class NodeLimitException(string message, int line) : Exception(message)
{
    public int Line { get; } = line;
}
