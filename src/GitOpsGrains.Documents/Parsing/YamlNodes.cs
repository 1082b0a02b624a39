using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>
/// One YAML document from the event parser to JSON. Nothing is made by tag or type name; aliases count as often as they
/// are used.
/// </summary>
internal sealed class YamlNodes(IParser parser, DocumentLimits limits, FaultList faults, int firstLine) : NodeBuilder(limits, faults)
{
    private const string TagPrefix = "tag:yaml.org,2002:";
    private readonly Dictionary<string, (JsonNode? Node, Size Size)> _anchors = [];

    /// <summary>Of a node with all below it, aliases expanded: nodes, and characters of keys and values.</summary>
    private readonly record struct Size(int Nodes, long Characters)
    {
        public static Size operator +(Size left, Size right) => new(left.Nodes + right.Nodes, left.Characters + right.Characters);
    }

    /// <summary>Reads the node at hand and moves behind it.</summary>
    public JsonNode? Read()
    {
        Lines.Start = LineOf(parser.Current!);
        return Read(NodePath.Root, 1, out _);
    }

    private int LineOf(ParsingEvent at) => firstLine + (int)at.Start.Line;

    private JsonNode? Read(NodePath path, int depth, out Size size)
    {
        var at = parser.Current!;
        Count(depth, LineOf(at));
        switch (at)
        {
            case Scalar scalar:
                parser.MoveNext();
                size = new Size(1, scalar.Value.Length);
                return Remember(scalar.Anchor, Value(scalar, path), size);
            case MappingStart start:
                parser.MoveNext();
                return Remember(start.Anchor, Map(start, path, depth, out size), size);
            case SequenceStart start:
                parser.MoveNext();
                return Remember(start.Anchor, List(start, path, depth, out size), size);
            case AnchorAlias alias:
                return Expand(alias, depth, out size);
            default:
                throw new NodeLimitException("expected a value", LineOf(at));
        }
    }

    private JsonObject Map(MappingStart start, NodePath path, int depth, out Size size)
    {
        RefuseTag(start, "map");
        var map = new JsonObject();
        var merged = new List<JsonObject>();
        size = new Size(1, 0);
        while (parser.Current is not MappingEnd)
        {
            var line = LineOf(parser.Current!);
            if (parser.Current is not Scalar key) throw new NodeLimitException("a key must be plain text", line);
            CheckKey(key.Value, line);
            parser.MoveNext();
            var value = Read(path.Key(key.Value), depth + 1, out var below);
            size += below with { Characters = below.Characters + key.Value.Length };
            if (key is { Value: "<<", Style: ScalarStyle.Plain }) Merge(value, merged, line);
            else Add(map, key.Value, value, path, line);
        }

        parser.MoveNext();
        foreach (var source in merged)
            foreach (var (name, value) in source)
                if (!map.ContainsKey(name)) map[name] = value?.DeepClone();
        return map;
    }

    private static void Merge(JsonNode? value, List<JsonObject> merged, int line)
    {
        switch (value)
        {
            case JsonObject one:
                merged.Add(one);
                break;
            case JsonArray many when many.All(static item => item is JsonObject):
                merged.AddRange(many.Select(static item => item!.AsObject()));
                break;
            default:
                throw new NodeLimitException("'<<' merges mappings only", line);
        }
    }

    private JsonArray List(SequenceStart start, NodePath path, int depth, out Size size)
    {
        RefuseTag(start, "seq");
        var list = new JsonArray();
        size = new Size(1, 0);
        while (parser.Current is not SequenceEnd)
        {
            Lines.Set(list, list.Count, LineOf(parser.Current!));
            list.Add(Read(path.Item(list.Count), depth + 1, out var below));
            size += below;
        }

        parser.MoveNext();
        return list;
    }

    private JsonNode? Expand(AnchorAlias alias, int depth, out Size size)
    {
        var line = LineOf(alias);
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchor)) throw new NodeLimitException("an alias names no anchor before it", line);
        size = anchor.Size;
        // Counted before it is copied: that is what stops a bomb.
        Count(depth, line, size.Nodes, size.Characters);
        parser.MoveNext();
        return anchor.Node?.DeepClone();
    }

    private JsonNode? Remember(AnchorName anchor, JsonNode? node, Size size)
    {
        if (!anchor.IsEmpty) _anchors[anchor.Value] = (node?.DeepClone(), size);
        return node;
    }

    private JsonNode? Value(Scalar scalar, NodePath path)
    {
        if (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
            return scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty ? YamlScalars.Resolve(scalar.Value) : JsonValue.Create(scalar.Value);
        switch (scalar.Tag.Value)
        {
            case TagPrefix + "str":
                return JsonValue.Create(scalar.Value);
            case TagPrefix + "int" or TagPrefix + "float" or TagPrefix + "bool" or TagPrefix + "null":
                return YamlScalars.Resolve(scalar.Value);
            default:
                Faults.Add(path.ToString(), "YAML tags are not supported here", LineOf(scalar));
                return JsonValue.Create(scalar.Value);
        }
    }

    private void RefuseTag(NodeEvent start, string allowed)
    {
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && start.Tag.Value != TagPrefix + allowed)
            throw new NodeLimitException("YAML tags are not supported here", LineOf(start));
    }
}
