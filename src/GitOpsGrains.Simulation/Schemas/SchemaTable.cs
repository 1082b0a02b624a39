using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Schemas;

/// <summary>The built-in kinds and their types, read once from the embedded tables (their heads say how they are written).</summary>
internal sealed class SchemaTable
{
    /// <summary>What OpenAPI calls required and no server asks for.</summary>
    private static readonly HashSet<(string Type, string Field)> NotAskedFor = [("apps.v1.StatefulSetSpec", "serviceName")];

    private static readonly Lazy<SchemaTable> Shared = new(static () => new SchemaTable());

    private readonly Dictionary<string, SchemaType> _types = new(StringComparer.Ordinal);
    private readonly List<string> _lines = [.. Lines("kubernetes.txt")];

    private SchemaTable()
    {
        foreach (var line in _lines)
            if (line.StartsWith("type ", StringComparison.Ordinal)) Declare(line.Split(' '));
        ReadFields();
        foreach (var line in Lines("defaults.txt")) ReadDefault(line);
        Kinds = [.. _lines.Where(static line => line.StartsWith("resource ", StringComparison.Ordinal)).Select(line => ReadKind(line.Split(' ')))];
        _lines.Clear();
    }

    public static SchemaTable BuiltIn => Shared.Value;

    public IReadOnlyList<ResourceKind> Kinds { get; }

    public SchemaType Metadata => _types["meta.v1.ObjectMeta"];

    public SchemaType Type(string name) => _types[name];

    private static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(SchemaTable).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"no table '{name}'");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#') yield return line;
    }

    private void Declare(string[] words)
    {
        var isAtomic = words.Contains("!");
        var required = words.Length > 2 && words[^1] != "!" ? words[^1].Split(',').Where(field => !NotAskedFor.Contains((words[1], field))).ToArray() : [];
        _types[words[1]] = new SchemaType(SchemaKind.Struct) { IsAtomic = isAtomic, Required = required, IsBuiltIn = true, Name = words[1] };
    }

    private void ReadFields()
    {
        SchemaType? current = null;
        foreach (var line in _lines)
        {
            if (line[0] != ' ')
            {
                current = line.StartsWith("type ", StringComparison.Ordinal) ? _types[line.Split(' ')[1]] : null;
                continue;
            }

            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            current!.Fields[words[0].TrimStart('+')] = Parse(words[1]);
        }
    }

    private SchemaType Parse(string text)
    {
        if (text.StartsWith("!{}", StringComparison.Ordinal)) return new SchemaType(SchemaKind.Map) { IsAtomic = true, Element = Parse(text[3..]) };
        if (text.StartsWith("{}", StringComparison.Ordinal)) return new SchemaType(SchemaKind.Map) { Element = Parse(text[2..]) };
        if (text[0] == '[') return ParseList(text);
        // Types without fields of their own are written as anything.
        if (text[0] == '@') return _types[text[1..]];
        return text switch
        {
            "s" or "t" => SchemaType.Text,
            "i" => SchemaType.Integer,
            "n" => SchemaType.Number,
            "b" => SchemaType.Boolean,
            "q" => SchemaType.Quantity,
            "x" => SchemaType.IntegerOrText,
            "y" => SchemaType.Base64,
            _ => SchemaType.Any,
        };
    }

    private SchemaType ParseList(string text)
    {
        var end = text.IndexOf(']', StringComparison.Ordinal);
        var element = Parse(text[(end + 1)..]);
        var head = text[1..end];
        if (head == "!") return new SchemaType(SchemaKind.List) { Element = element };
        if (head == "=") return new SchemaType(SchemaKind.List) { Element = element, List = ListKind.Set };
        var parts = head.Split('|');
        var keys = parts[0].Split(',');
        var patchKey = parts.Length == 1 ? keys[0] : parts[1].Length > 0 ? parts[1] : null;
        return new SchemaType(SchemaKind.List) { Element = element, List = ListKind.Keyed, Keys = keys, PatchKey = patchKey };
    }

    private void ReadDefault(string line)
    {
        var words = line.Split(' ', 3);
        _types[words[0]].Defaults[words[1]] = JsonNode.Parse(words[2])!;
    }

    private ResourceKind ReadKind(string[] words)
    {
        var kind = words[4];
        return new ResourceKind(words[1] == "-" ? "" : words[1], words[2], words[3], kind.ToLowerInvariant(), kind, words[5] == "N", _types[words[8]])
        {
            ShortNames = Split(words[6]),
            Subresources = Split(words[7]).ToHashSet(),
        };

        static string[] Split(string text) => text == "-" ? [] : text.Split(',');
    }
}
