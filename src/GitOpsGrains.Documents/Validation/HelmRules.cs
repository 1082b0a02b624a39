using System.Text.Json;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Documents.Validation;

/// <summary>Options of a chart. Whether its files exist and its values fit is the render's to say.</summary>
internal static partial class HelmRules
{
    private const int MaxText = 1024 * 1024;

    /// <param name="sources">The names that <c>$name/path</c> may begin with.</param>
    public static void Check(Rules rules, string path, HelmSpec spec, IReadOnlySet<string> sources)
    {
        if (spec.ReleaseName.Length > 0 && (spec.ReleaseName.Length > 53 || !Release().IsMatch(spec.ReleaseName)))
            rules.Fault($"{path}.releaseName", "not a release's name: lower-case letters, digits, '-' and '.', at most 53 characters");
        if (spec.Namespace.Length > 0) rules.Namespace($"{path}.namespace", spec.Namespace);
        for (var i = 0; i < spec.ValueFiles.Count; i++) CheckFile(rules, $"{path}.valueFiles[{i}]", spec.ValueFiles[i], sources);
        if (spec.Values.Length > MaxText) rules.Fault($"{path}.values", $"longer than {MaxText} characters");
        if (spec.ValuesObject is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Undefined or JsonValueKind.Null) })
            rules.Fault($"{path}.valuesObject", "expected a mapping");
        for (var i = 0; i < spec.Parameters.Count; i++)
        {
            CheckName(rules, $"{path}.parameters[{i}].name", spec.Parameters[i].Name);
            if (spec.Parameters[i].Value.Length > 65536) rules.Fault($"{path}.parameters[{i}].value", "longer than 65536 characters");
            if (spec.Parameters[i].Value.Contains('\0', StringComparison.Ordinal)) rules.Fault($"{path}.parameters[{i}].value", "holds a null character");
        }
        for (var i = 0; i < spec.FileParameters.Count; i++)
        {
            CheckName(rules, $"{path}.fileParameters[{i}].name", spec.FileParameters[i].Name);
            CheckFile(rules, $"{path}.fileParameters[{i}].path", spec.FileParameters[i].Path, sources);
        }
        rules.PlainText($"{path}.kubeVersion", spec.KubeVersion, 64);
        for (var i = 0; i < spec.ApiVersions.Count; i++)
            if (rules.Required($"{path}.apiVersions[{i}]", spec.ApiVersions[i])) rules.PlainText($"{path}.apiVersions[{i}]", spec.ApiVersions[i], 512);
    }

    private static void CheckName(Rules rules, string path, string name)
    {
        if (!rules.Required(path, name)) return;
        rules.PlainText(path, name, 1024);
        if (name.Contains('=', StringComparison.Ordinal)) rules.Fault(path, "must not hold '='");
    }

    private static void CheckFile(Rules rules, string path, string file, IReadOnlySet<string> sources)
    {
        if (!rules.Required(path, file)) return;
        if (file.StartsWith('$') && !sources.Contains(file[1..].Split('/', 2)[0]))
            rules.Fault(path, "no source has this name: '$NAME/path' is a file of the source with 'name: NAME'");
        rules.PlainText(path, file, 4096);
        if (file.Contains("://", StringComparison.Ordinal)) rules.Fault(path, "must be a file of a source, not a URL");
        if (file.Contains('\\', StringComparison.Ordinal)) rules.Fault(path, "must use '/', not '\\'");
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Release();
}
