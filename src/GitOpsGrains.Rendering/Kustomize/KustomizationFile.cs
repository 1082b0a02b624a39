using System.Text.RegularExpressions;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Rendering.Kustomize;

/// <summary>What a reference in a kustomization may name.</summary>
internal enum ReferenceKind
{
    File,
    Directory,
    /// <summary>A file or a directory.</summary>
    Either,
    /// <summary>A file with YAML that itself names files: a generator, transformer or validator; or a directory of such.</summary>
    Plugin,
    /// <summary>Such YAML itself.</summary>
    InlinePlugin,
}

/// <param name="Field">Where it stands, for faults.</param>
internal sealed record KustomizationReference(string Field, string Text, ReferenceKind Kind);

/// <summary>Reads the names of other files out of a kustomization. Pure.</summary>
internal static partial class KustomizationFile
{
    public static readonly string[] Names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

    private static readonly (string Field, ReferenceKind Kind)[] Lists =
    [
        ("resources", ReferenceKind.Either), ("bases", ReferenceKind.Directory), ("components", ReferenceKind.Directory),
        ("crds", ReferenceKind.File), ("configurations", ReferenceKind.File), ("patchesStrategicMerge", ReferenceKind.File),
        ("generators", ReferenceKind.Plugin), ("transformers", ReferenceKind.Plugin), ("validators", ReferenceKind.Plugin),
    ];

    private static readonly string[] Inflations = ["helmCharts", "helmChartInflationGenerator"];

    private static readonly string[] ItemLists = ["patches", "patchesJson6902", "replacements", "configMapGenerator", "secretGenerator"];

    private static readonly HashSet<string> ItemFields = new(["path", "files", "envs", "env"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> Annotations = new(["annotations"], StringComparer.OrdinalIgnoreCase);

    /// <summary>All at the top of a kustomization or a plugin that names files or programs, or holds what does.</summary>
    private static readonly HashSet<string> Fields = new(
        [.. Lists.Select(list => list.Field), .. Inflations, .. ItemLists, .. ItemFields, "paths", "openapi", "metadata", "kind"], StringComparer.OrdinalIgnoreCase);

    /// <summary>All references of a kustomization; a text that is YAML itself where a file could be named is none.</summary>
    public static IEnumerable<KustomizationReference> ReferencesOf(TreeMap root)
    {
        foreach (var (field, kind) in Lists)
            foreach (var text in Texts(root[field]))
                if (!IsInline(field, text)) yield return new KustomizationReference(field, text, kind);
                else if (kind == ReferenceKind.Plugin) yield return new KustomizationReference(field, text, ReferenceKind.InlinePlugin);
        foreach (var field in new[] { "patches", "patchesJson6902", "replacements" })
            foreach (var item in Maps(root[field]))
                if (item.Text("path") is { Length: > 0 } path) yield return new KustomizationReference(field, path, ReferenceKind.File);
        foreach (var field in new[] { "configMapGenerator", "secretGenerator" })
            foreach (var item in Maps(root[field]))
                foreach (var reference in GeneratorFiles(field, item)) yield return reference;
        if (root.Map("openapi")?.Text("path") is { Length: > 0 } schema) yield return new KustomizationReference("openapi", schema, ReferenceKind.File);
    }

    /// <summary>The files that the configuration of a built-in generator or transformer names.</summary>
    public static IEnumerable<KustomizationReference> ReferencesOfPlugin(TreeMap root)
    {
        var field = root.Text("kind") ?? "plugin";
        if (root.Text("path") is { Length: > 0 } path) yield return new KustomizationReference(field, path, ReferenceKind.File);
        foreach (var text in Texts(root["paths"]))
            if (!IsInline("patchesStrategicMerge", text)) yield return new KustomizationReference(field, text, ReferenceKind.File);
        foreach (var item in Maps(root["replacements"]))
            if (item.Text("path") is { Length: > 0 } replacement) yield return new KustomizationReference(field, replacement, ReferenceKind.File);
        foreach (var reference in GeneratorFiles(field, root)) yield return reference;
    }

    /// <summary>The field that asks for helm charts, which would be fetched and run without limits of ours; null when there is none.</summary>
    public static string? InflationOf(TreeMap root) => Array.Find(Inflations, field => root.List(field) is { Items.Count: > 0 });

    /// <summary>
    /// A key that kustomize takes for a field that names files, though it is written otherwise: it reads keys as Go reads JSON, in any
    /// case. Null when there is none.
    /// </summary>
    public static string? MisspeltIn(TreeMap root) => Misspelt(root, Fields)
        ?? ItemLists.SelectMany(field => Maps(root[field])).Select(item => Misspelt(item, ItemFields)).FirstOrDefault(key => key is not null)
        ?? Misspelt(root.Map("openapi"), ItemFields) ?? Misspelt(root.Map("metadata"), Annotations);

    private static string? Misspelt(TreeMap? map, HashSet<string> fields) =>
        map?.Entries.Select(entry => entry.Key).FirstOrDefault(key => fields.TryGetValue(key, out var field) && field != key);

    /// <summary>Whether the configuration is of a plugin that is a program.</summary>
    public static bool IsProgram(TreeMap root) =>
        root.Map("metadata")?.Map("annotations") is { } annotations
        && annotations.Entries.Any(entry => entry.Key is "config.kubernetes.io/function" or "config.k8s.io/function");

    /// <summary>
    /// Whether kustomize would take a text that names no file for the address of a repository or a file elsewhere, even if
    /// there is a directory of that name.
    /// </summary>
    public static bool IsRemote(string text) =>
        text.Contains("://", StringComparison.Ordinal) || text.Contains("::", StringComparison.Ordinal) || text.Contains("?ref=", StringComparison.Ordinal)
        || RemoteHost().IsMatch(text);

    /// <summary>Remote bases that may be allowed: those that are fetched over http(s).</summary>
    public static bool IsFetchable(string text) =>
        !text.Contains("::", StringComparison.Ordinal) && !text.Contains('@', StringComparison.Ordinal)
        && (text.StartsWith("https://", StringComparison.Ordinal) || text.StartsWith("http://", StringComparison.Ordinal) || KnownHost().IsMatch(text));

    private static IEnumerable<KustomizationReference> GeneratorFiles(string field, TreeMap item)
    {
        foreach (var text in Texts(item["files"]))
        {
            // "key=path"; without '=' the file's name is the key.
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            yield return new KustomizationReference(field, text[(equals + 1)..], ReferenceKind.File);
        }
        foreach (var text in Texts(item["envs"])) yield return new KustomizationReference(field, text, ReferenceKind.File);
        if (item.Text("env") is { Length: > 0 } env) yield return new KustomizationReference(field, env, ReferenceKind.File);
    }

    private static bool IsInline(string field, string text) =>
        field is "patchesStrategicMerge" or "generators" or "transformers" or "validators"
        && (text.Contains('\n', StringComparison.Ordinal) || text.Contains(": ", StringComparison.Ordinal));

    private static IEnumerable<string> Texts(TreeNode? node) =>
        node is TreeList list ? list.Items.Select(item => item.AsText()).OfType<string>().Where(text => text.Length > 0) : [];

    private static IEnumerable<TreeMap> Maps(TreeNode? node) => node is TreeList list ? list.Items.OfType<TreeMap>() : [];

    [GeneratedRegex(@"^[A-Za-z][\w.-]*@|^[\w-]+(\.[\w-]+)+(:|/.*//)|^((www\.)?github\.com|gitlab\.com|bitbucket\.org|gh:)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex RemoteHost();

    [GeneratedRegex(@"^(github\.com|gitlab\.com|bitbucket\.org)/", RegexOptions.CultureInvariant)]
    private static partial Regex KnownHost();
}
