using System.Text.RegularExpressions;

namespace GitOpsGrains.Architecture.Tests;

/// <summary>Data flows one way: inside the Engine by folder, and types of one package stay in one project.</summary>
internal static partial class LayerRules
{
    private static readonly string[] Flow = ["Resources", "Manifests", "Desired", "Diff", "Plan", "Health", "Policy"];

    /// <summary>The ports to clusters stand beside the flow: they use what an object is, and no stage uses them.</summary>
    private const string Ports = "Clusters";

    public static IEnumerable<string> EngineViolations(SourceFile file)
    {
        var parts = file.Path.Split('/');
        if (parts.Length < 4) yield break;
        var folder = parts[2];
        if (folder != Ports && !Flow.Contains(folder))
        {
            yield return $"{file.Path}: {folder} is no stage of the Engine";
            yield break;
        }

        foreach (Match match in EngineName().Matches(file.Code))
        {
            var used = match.Groups[1].Value;
            if (used != folder && !MayUse(folder, used)) yield return file.At(match, $"{folder} may not use {used}");
        }
    }

    /// <summary>Health comes late in the flow but is itself built on Resources alone, so that an observation may carry it.</summary>
    private static bool MayUse(string folder, string used)
    {
        if (folder is Ports or "Health") return used == "Resources";
        if (used == Ports) return false;
        if (folder == "Diff" && used == "Health") return true;
        return Array.IndexOf(Flow, used) is >= 0 and var at && at < Array.IndexOf(Flow, folder);
    }

    public static IEnumerable<string> PackageNamespaceViolations(SourceFile file)
    {
        foreach (Match match in PackageNamespace().Matches(file.Code))
        {
            var user = match.Groups[1].Value == "LibGit2Sharp" ? "Git" : "Kubernetes";
            if (!file.Path.StartsWith($"src/GitOpsGrains.{user}/", StringComparison.Ordinal))
                yield return file.At(match, $"only {user} uses {match.Groups[1].Value}");
        }
    }

    [GeneratedRegex(@"GitOpsGrains\.Engine\.([A-Za-z]+)")]
    private static partial Regex EngineName();

    [GeneratedRegex(@"\busing\s+(?:static\s+)?(?:\w+\s*=\s*)?(LibGit2Sharp|k8s)\b")]
    private static partial Regex PackageNamespace();
}
