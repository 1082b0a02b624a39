using GitOpsGrains.Lua.Sandbox;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GitOpsGrains.Lua.Customizations;

/// <summary>
/// Reads the keys <c>resource.customizations…</c> of an argocd-cm ConfigMap, or of a plain mapping. What it does not know
/// of them is a fault; a ConfigMap's other keys are Argo CD's own affair.
/// </summary>
internal sealed class CustomizationsReader
{
    private const string Combined = "resource.customizations";
    private const string Prefix = Combined + ".";
    private const int MaxScript = 256 * 1024;

    /// <summary>Parts of a customization that say nothing about health or actions.</summary>
    private static readonly HashSet<string> OfDiffs = new(StringComparer.Ordinal) { "ignoreDifferences", "ignoreResourceUpdates", "knownTypeFields" };

    private readonly Dictionary<string, Customization> _items = new(StringComparer.Ordinal);
    private readonly List<Customization> _inOrder = [];
    private readonly List<string> _notices = [];

    /// <summary>Errors: <see cref="FormatException"/> with a sentence that names the key.</summary>
    public static CustomizationSet Read(string text)
    {
        var reader = new CustomizationsReader();
        reader.ReadAll(text);
        return new CustomizationSet(reader._inOrder, reader._notices);
    }

    private void ReadAll(string text)
    {
        var root = Mapping(text, "the file");
        var isConfigMap = Scalar(root, "kind") == "ConfigMap";
        if (isConfigMap) root = root.Children.TryGetValue("data", out var data) && data is YamlMappingNode map ? map : throw new FormatException("the ConfigMap has no data");
        foreach (var (node, value) in root.Children)
        {
            if (node is not YamlScalarNode { Value: { } key }) throw new FormatException("a key is no text");
            if (key == Combined) ReadCombined(Text(value, key));
            else if (key.StartsWith(Prefix, StringComparison.Ordinal)) ReadKey(key, value);
            else if (!isConfigMap) throw new FormatException($"the key {key} is not known: keys begin with {Combined}");
        }
    }

    private void ReadKey(string key, YamlNode value)
    {
        var rest = key[Prefix.Length..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        var part = dot < 0 ? rest : rest[..dot];
        if (OfDiffs.Contains(part))
        {
            Ignored(key);
            return;
        }
        if (part is not ("health" or "actions" or "useOpenLibs")) throw new FormatException($"the key {key} is not known: {Prefix} is followed by health, actions or useOpenLibs");
        var pattern = dot < 0 ? null : KindPattern.OfKey(rest[(dot + 1)..]);
        if (pattern is null) throw new FormatException($"the key {key} does not end with <group>_<Kind>");
        ReadPart(part, pattern, key, value);
    }

    /// <summary>The older form: one text that is a mapping of group/Kind to the parts.</summary>
    private void ReadCombined(string text)
    {
        foreach (var (node, parts) in Mapping(text, Combined).Children)
        {
            var name = (node as YamlScalarNode)?.Value ?? "";
            if (KindPattern.Of(name) is not { } pattern) throw new FormatException($"{Combined}: '{name}' is no <group>/<Kind>");
            if (parts is not YamlMappingNode map) throw new FormatException($"{Combined}: {name} is no mapping");
            foreach (var (partNode, value) in map.Children)
            {
                var part = (partNode as YamlScalarNode)?.Value ?? "";
                var where = $"{Combined}: {name}: {part}";
                if (OfDiffs.Contains(part)) Ignored(where);
                else if (part is "health.lua" or "actions" or "health.lua.useOpenLibs") ReadPart(part, pattern, where, value);
                else throw new FormatException($"{where} is not known");
            }
        }
    }

    private void ReadPart(string part, KindPattern pattern, string where, YamlNode value)
    {
        if (part is "useOpenLibs" or "health.lua.useOpenLibs")
        {
            if (Text(value, where) == "true")
                _notices.Add($"{where} has no effect: string, table, math, os.date and os.time are always there, and no script gets io, load, debug or the rest of os");
            return;
        }
        var item = Item(pattern);
        if (part == "actions")
        {
            if (item.Actions is not null) throw new FormatException($"{where} is given twice");
            item.Actions = ReadActions(where, value);
            return;
        }
        if (item.Health is not null) throw new FormatException($"{where} is given twice");
        item.Health = Script(where, "health.lua", Text(value, where));
    }

    private static ActionScripts ReadActions(string where, YamlNode value)
    {
        var map = value as YamlMappingNode ?? Mapping(Text(value, where), where);
        if (!map.Children.TryGetValue("discovery.lua", out var discovery)) throw new FormatException($"{where} has no discovery.lua");
        var definitions = new Dictionary<string, LuaScript>(StringComparer.Ordinal);
        if (map.Children.TryGetValue("definitions", out var list))
        {
            if (list is not YamlSequenceNode items) throw new FormatException($"{where}: definitions is no list");
            foreach (var node in items)
            {
                var name = node is YamlMappingNode definition ? Scalar(definition, "name") : null;
                if (string.IsNullOrEmpty(name)) throw new FormatException($"{where}: a definition has no name");
                if (!((YamlMappingNode)node).Children.TryGetValue("action.lua", out var action)) throw new FormatException($"{where}: the action {name} has no action.lua");
                if (!definitions.TryAdd(name, Script($"{where}: the action {name}", $"{name}/action.lua", Text(action, where)))) throw new FormatException($"{where}: the action {name} is given twice");
            }
        }
        return new ActionScripts(Script($"{where}: discovery.lua", "discovery.lua", Text(discovery, where)), definitions);
    }

    private Customization Item(KindPattern pattern)
    {
        if (_items.TryGetValue(pattern.Text, out var known)) return known;
        var item = new Customization(pattern);
        _items.Add(pattern.Text, item);
        _inOrder.Add(item);
        return item;
    }

    private void Ignored(string where) => _notices.Add($"{where} has no effect here: use ignoreDifferences of the application");

    private static LuaScript Script(string where, string file, string source)
    {
        if (string.IsNullOrWhiteSpace(source)) throw new FormatException($"{where} is empty");
        return source.Length <= MaxScript ? new LuaScript(where, file, source) : throw new FormatException($"{where} is longer than {MaxScript / 1024} KiB");
    }

    private static YamlMappingNode Mapping(string text, string where)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents is [{ RootNode: YamlMappingNode root }] ? root : throw new FormatException($"{where} is no single YAML mapping");
        }
        catch (YamlException fault)
        {
            throw new FormatException($"{where} is no YAML: line {fault.Start.Line}: {fault.Message}", fault);
        }
    }

    private static string Text(YamlNode node, string where) =>
        node is YamlScalarNode { Value: { } text } ? text : throw new FormatException($"{where} is no text");

    private static string? Scalar(YamlMappingNode map, string name) =>
        map.Children.TryGetValue(name, out var node) && node is YamlScalarNode scalar ? scalar.Value : null;
}
