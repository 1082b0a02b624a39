using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.Deployment.Tests;

/// <summary>The files that this repository is deployed by, and what they say.</summary>
internal static partial class DeployedFiles
{
    public static string Root => Built.Root;

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    /// <summary>The documents of a text of YAML, with anchors and merge keys resolved.</summary>
    public static IReadOnlyList<JsonObject> Parse(string yaml)
    {
        var (roots, fault) = YamlTrees.Read(System.Text.Encoding.UTF8.GetBytes(yaml), RenderLimits.Default);
        Assert.Null(fault);
        return [.. roots.Select(static root => JsonNode.Parse(CanonicalJson.Write(root))!.AsObject())];
    }

    /// <summary>All names of settings in a text: <c>GITOPSGRAINS__Storage__Kind</c>.</summary>
    public static IReadOnlyList<string> Settings(string text) =>
        [.. SettingName().Matches(text).Select(static match => match.Value).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// Why no host knows a setting; null if one does. All its parts must be words of the code that reads settings, which names
    /// sections and keys in string literals (<c>"Silo:Address"</c>).
    /// </summary>
    public static string? FindUnknown(string setting) =>
        setting.Split("__").Skip(1).FirstOrDefault(static part => !Known.Value.Contains(part)) is { } unknown ? $"{setting}: no setting has '{unknown}' in its name" : null;

    private static readonly Lazy<HashSet<string>> Known = new(() => Directory
        .EnumerateFiles(PathOf("src"), "*.cs", SearchOption.AllDirectories)
        .Where(static path => path.Contains("Settings", StringComparison.Ordinal) || path.EndsWith("GatewayListeners.cs", StringComparison.Ordinal) || path.EndsWith("SiloClustering.cs", StringComparison.Ordinal) || path.EndsWith("SiloEndpoints.cs", StringComparison.Ordinal))
        .SelectMany(static path => Literal().Matches(File.ReadAllText(path)).SelectMany(static match => match.Groups[1].Value.Split(':')))
        .ToHashSet(StringComparer.Ordinal));

    [GeneratedRegex("GITOPSGRAINS__[A-Za-z]+(__[A-Za-z]+)*")]
    private static partial Regex SettingName();

    [GeneratedRegex("\"([A-Za-z]+(?::[A-Za-z]+)*)\"")]
    private static partial Regex Literal();
}
