using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// Puts variables into objects in the Flux manner, object by object after they are rendered. A value that was one plain
/// scalar in YAML gets the type that the result reads as (<c>replicas: ${N}</c> is a number), as with Flux; where Kubernetes
/// knows strings only (labels, annotations, data of ConfigMaps and Secrets) it stays a string.
/// </summary>
public sealed class Substitution(IReadOnlyDictionary<string, string> variables)
{
    private const string SwitchOff = "kustomize.toolkit.fluxcd.io/substitute";
    private const int MaxCharacters = 16 * 1024 * 1024;
    private static readonly string[] TextMaps = ["data", "stringData", "binaryData"];

    /// <param name="fault">Told each text that can't be substituted: what is wrong and where.</param>
    /// <param name="names">Takes the names of all variables that stand in the object, those that are not needed with these values as well.</param>
    public void Apply(TreeMap root, Action<string> fault, ISet<string>? names = null)
    {
        if (IsOff(root.Map("metadata"))) return;
        var isTextKind = root.Text("kind") is "ConfigMap" or "Secret" && root.Text("apiVersion") == "v1";
        new Run(variables, isTextKind, fault, names).Replace(root, "");
    }

    private static bool IsOff(TreeMap? metadata) =>
        metadata?.Map("labels")?.Text(SwitchOff) == "disabled" || metadata?.Map("annotations")?.Text(SwitchOff) == "disabled";

    /// <summary>One object; what its texts become together is limited.</summary>
    private sealed class Run(IReadOnlyDictionary<string, string> variables, bool isTextKind, Action<string> fault, ISet<string>? names)
    {
        private long _room = MaxCharacters;

        public void Replace(TreeMap map, string path)
        {
            var isText = path is "metadata.labels" or "metadata.annotations" || (isTextKind && TextMaps.Contains(path));
            foreach (var (key, value) in map.Entries.ToArray())
            {
                var at = path.Length == 0 ? key : $"{path}.{key}";
                var replaced = Replace(value, at, isText);
                if (!ReferenceEquals(replaced, value)) map.Set(key, replaced);
                if (!key.Contains('$', StringComparison.Ordinal) || Expand(key, at) is not { } name || name == key) continue;
                if (map[name] is not null) fault($"{Shorten(at)}: there is a '{Shorten(name)}' already");
                map.Remove(key);
                map.Set(name, replaced);
            }
        }

        private TreeNode Replace(TreeNode node, string path, bool isText)
        {
            switch (node)
            {
                case TreeMap map:
                    Replace(map, path);
                    return map;
                case TreeList list:
                    for (var i = 0; i < list.Items.Count; i++) list.Items[i] = Replace(list.Items[i], $"{path}[{i}]", isText);
                    return list;
                case TreeScalar { Kind: ScalarKind.Text } scalar when scalar.Text.Contains('$', StringComparison.Ordinal):
                    var text = Expand(scalar.Text, path);
                    if (text is null || text == scalar.Text) return scalar;
                    return isText || !IsPlain(scalar.Text) ? TreeScalar.Of(text) : YamlScalars.ReadInline(text);
                default:
                    return node;
            }
        }

        private string? Expand(string text, string path)
        {
            if (_room < 0) return null;
            if (names is not null) VariableText.AddNames(text, names);
            var (expanded, reason) = VariableText.Expand(text, variables);
            _room -= expanded?.Length ?? 0;
            if (expanded is null) fault($"{Shorten(path)}: {reason}");
            else if (_room < 0) fault($"the object has more than {MaxCharacters} characters with its variables");
            return expanded;
        }
    }

    /// <summary>Whether a YAML writer needs no quotes for it: then the result is read anew, as Flux does.</summary>
    private static bool IsPlain(string text) =>
        text[0] is not ('"' or '\'' or '&' or '*' or '!' or '|' or '>' or '%' or '@' or '`' or '#' or '[' or '{' or ',' or '-' or '?' or ':' or ' ')
        && !text.AsSpan().ContainsAny('\n', '\t', '\r')
        && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal)
        && text[^1] is not (':' or ' ');

    private static string Shorten(string text) => text.Length <= 120 ? text : text[..117] + "...";
}
