using GitOpsGrains.Engine.Resources;
using SharpYaml;
using SharpYaml.Events;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// Reads the YAML documents of one slice of text into trees, event by event. Aliases are expanded within the limits on
/// nodes and characters, so a small text can't become a large tree.
/// </summary>
internal sealed class YamlDocumentReader
{
    private readonly string _text;
    private readonly IParser _parser;
    private readonly RenderLimits _limits;
    private readonly int _firstLine;
    private readonly Action<string> _fault;
    private readonly Dictionary<string, TreeNode> _anchors = new(StringComparer.Ordinal);
    private int _nodes;
    private long _characters;

    /// <param name="firstLine">Zero-based line of the file where the text begins.</param>
    /// <param name="fault">Told each fault that does not stop the reading.</param>
    public YamlDocumentReader(string text, int firstLine, RenderLimits limits, Action<string> fault)
    {
        _text = text;
        // Its own limit is a level further out: ours says what it is.
        _parser = Parser.CreateParser(new StringReader(text), limits.MaxDepth + 2);
        _limits = limits;
        _firstLine = firstLine;
        _fault = fault;
    }

    /// <summary>
    /// The next document's root; null for an empty document. False at the end.
    /// Errors: <see cref="UnreadableDocumentException"/>; nothing more can be read then.
    /// </summary>
    public bool TryRead(out TreeNode? root)
    {
        root = null;
        while (true)
        {
            if (!Advance() || _parser.Current is StreamEnd) return false;
            if (_parser.Current is not DocumentStart) continue;
            _anchors.Clear();
            (_nodes, _characters) = (0, 0);
            Advance();
            root = Node(0);
            if (root.IsNull) root = null;
            return true;
        }
    }

    private bool Advance()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (YamlException exception)
        {
            throw new UnreadableDocumentException($"the YAML is broken at {At(Later(exception.Start, exception.End))}: {Cause(exception)}", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException or FormatException)
        {
            // The scanner's own slips on damaged text; the text is broken all the same.
            throw new UnreadableDocumentException($"the YAML is broken after {At(_parser.Current?.End ?? Mark.Empty)}", exception);
        }
    }

    private TreeNode Node(int depth)
    {
        var current = _parser.Current!;
        if (depth > _limits.MaxDepth) throw Unreadable(current, $"is nested deeper than {_limits.MaxDepth} levels");
        TreeNode node;
        switch (current)
        {
            case Scalar scalar:
                Count(current, 1, scalar.Value.Length);
                node = ScalarOf(scalar);
                break;
            case MappingStart start:
                Count(current, 1, 0);
                CheckTag(start, "map");
                node = Mapping(depth);
                break;
            case SequenceStart start:
                Count(current, 1, 0);
                CheckTag(start, "seq");
                node = Sequence(depth);
                break;
            case AnchorAlias alias:
                return Alias(alias, depth);
            default:
                throw Unreadable(current, "a value is missing");
        }

        if (current is NodeEvent { Anchor.Length: > 0 } anchored) _anchors[anchored.Anchor] = node;
        return node;
    }

    private TreeScalar ScalarOf(Scalar scalar)
    {
        if (YamlScalars.Resolve(scalar, IsNonSpecific(scalar), out var reason) is { } value) return value;
        _fault($"{reason} ({At(scalar.Start)})");
        return TreeScalar.Of("");
    }

    /// <summary>
    /// Whether it has the tag "!" alone, which the parser mostly does not tell from none. No plain scalar begins with '!' or '&amp;'.
    /// </summary>
    private bool IsNonSpecific(Scalar scalar)
    {
        if (scalar.Tag == "!") return true;
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag is not null || scalar.Start.Index >= _text.Length) return false;
        var rest = _text.AsSpan(scalar.Start.Index);
        if (rest[0] == '&' && scalar.Anchor is { } anchor) rest = rest[Math.Min(rest.Length, anchor.Length + 1)..].TrimStart(" \t\r\n");
        return rest is ['!', ..];
    }

    private TreeList Sequence(int depth)
    {
        var list = new TreeList();
        while (Advance() && _parser.Current is not SequenceEnd) list.Items.Add(Node(depth + 1));
        return list;
    }

    private TreeMap Mapping(int depth)
    {
        var entries = new List<KeyValuePair<string, TreeNode>>();
        List<TreeMap>? merged = null;
        var at = _parser.Current!.Start;
        while (Advance() && _parser.Current is not MappingEnd)
        {
            if (_parser.Current is Scalar mergeKey && YamlScalars.IsMergeKey(mergeKey) && !IsNonSpecific(mergeKey))
            {
                Advance();
                AddMerged(merged ??= [], Node(depth + 1), mergeKey);
                continue;
            }

            var key = Key(depth);
            Advance();
            entries.Add(new(key, Node(depth + 1)));
        }

        var map = TreeMap.Of(entries, key => _fault($"the key '{Shorten(key)}' stands twice in the mapping at {At(at)}"));
        return merged is null ? map : Merge(map, merged);
    }

    private string Key(int depth)
    {
        var current = _parser.Current!;
        var node = current is Scalar or AnchorAlias ? Node(depth + 1) : null;
        if (node is TreeScalar scalar && YamlScalars.KeyOf(scalar) is { } key) return key;
        throw Unreadable(current, node is TreeScalar ? "a key is null" : "a key is no scalar");
    }

    private void AddMerged(List<TreeMap> merged, TreeNode value, ParsingEvent at)
    {
        if (value is TreeMap map) merged.Add(map);
        else if (value is TreeList list && list.Items.TrueForAll(item => item is TreeMap)) merged.AddRange(list.Items.Cast<TreeMap>());
        else _fault($"the merge key at {At(at.Start)} names no mapping");
    }

    /// <summary>Own keys win over merged ones, earlier merged mappings over later ones.</summary>
    private static TreeMap Merge(TreeMap own, List<TreeMap> merged)
    {
        var entries = new List<KeyValuePair<string, TreeNode>>(own.Entries);
        foreach (var map in merged) entries.AddRange(map.Entries);
        return TreeMap.Of(entries);
    }

    private TreeNode Alias(AnchorAlias alias, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value, out var target))
            throw Unreadable(alias, $"the alias *{Shorten(alias.Value)} names no anchor before it");
        Expand(alias, target, depth);
        return target.Clone();
    }

    /// <summary>Counts what a copy of the node would add, before it is made.</summary>
    private void Expand(ParsingEvent at, TreeNode node, int depth)
    {
        if (depth > _limits.MaxDepth) throw Unreadable(at, $"is nested deeper than {_limits.MaxDepth} levels");
        switch (node)
        {
            case TreeMap map:
                Count(at, 1, 0);
                foreach (var (key, value) in map.Entries)
                {
                    Count(at, 1, key.Length);
                    Expand(at, value, depth + 1);
                }

                break;
            case TreeList list:
                Count(at, 1, 0);
                foreach (var item in list.Items) Expand(at, item, depth + 1);
                break;
            case TreeScalar scalar:
                Count(at, 1, scalar.Text.Length);
                break;
        }
    }

    private void Count(ParsingEvent at, int nodes, int characters)
    {
        _nodes += nodes;
        _characters += characters;
        if (_nodes > _limits.MaxNodes) throw Unreadable(at, $"has more than {_limits.MaxNodes} nodes with its aliases expanded");
        if (_characters > _limits.MaxFileBytes) throw Unreadable(at, $"has more than {_limits.MaxFileBytes} bytes with its aliases expanded");
    }

    private void CheckTag(NodeEvent node, string expected)
    {
        if (node.Tag is null or "!" || node.Tag == "tag:yaml.org,2002:" + expected) return;
        _fault($"the tag {Shorten(node.Tag)} is not known ({At(node.Start)})");
    }

    private UnreadableDocumentException Unreadable(ParsingEvent at, string reason) => new($"the document {Verb(reason)} ({At(at.Start)})", null);

    private static string Verb(string reason) =>
        reason.StartsWith("is ", StringComparison.Ordinal) || reason.StartsWith("has ", StringComparison.Ordinal) ? reason : "can't be read: " + reason;

    /// <summary>The parser's errors tell where a construct began, which may be the document's first line.</summary>
    private static Mark Later(Mark one, Mark other) => one.Index >= other.Index ? one : other;

    private string At(Mark mark) => $"line {_firstLine + mark.Line + 1}, column {mark.Column + 1}";

    private static string Cause(YamlException exception)
    {
        // YamlDotNet puts its own position before the sentence.
        var message = exception.InnerException?.Message ?? exception.Message;
        var dash = message.IndexOf(" - ", StringComparison.Ordinal);
        if (message.StartsWith('(') && dash > 0) message = message[(dash + 3)..];
        var position = message.IndexOf("): ", StringComparison.Ordinal);
        return (message.StartsWith('(') && position > 0 ? message[(position + 3)..] : message).TrimEnd('.');
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..77] + "...";
}
