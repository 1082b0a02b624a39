using System.Text.Json;
using System.Text.RegularExpressions;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Closures;
using GitOpsGrains.Rendering.Running;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>The arguments of <c>helm template</c> for a source.</summary>
internal static partial class HelmCommand
{
    /// <summary>What of the context and the options is used, with the defaults filled in.</summary>
    public static HelmSettings SettingsOf(RenderRequest request)
    {
        var (spec, context) = (request.Source.Helm ?? new HelmSpec(), request.Context);
        var versions = spec.ApiVersions.Count > 0 ? spec.ApiVersions : context.Capabilities.ApiVersions;
        return new HelmSettings(
            First(spec.ReleaseName, context.Application, "release"),
            First(spec.Namespace, context.Namespace, "default"),
            First(spec.KubeVersion, context.Capabilities.KubeVersion, ""),
            [.. versions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Writes the values that are not files of a repository, and names all of them in the order in which later ones win.</summary>
    public static async Task<IReadOnlyList<string>> ArgumentsAsync(
        Workspace workspace, RenderRequest request, ChartPlan plan, HelmSettings settings, CancellationToken cancellationToken)
    {
        var spec = request.Source.Helm ?? new HelmSpec();
        List<string> arguments =
        [
            "template", settings.Release, ClosureExport.PathOf(workspace, "", plan.Directory),
            "--namespace", settings.Namespace,
            spec.SkipCrds ? "--skip-crds" : "--include-crds",
        ];
        if (spec.SkipTests) arguments.Add("--skip-tests");
        if (spec.SkipSchemaValidation) arguments.Add("--skip-schema-validation");
        if (settings.KubeVersion.Length > 0) arguments.AddRange(["--kube-version", settings.KubeVersion]);
        foreach (var version in settings.ApiVersions) arguments.Add("--api-versions=" + Quote(version));
        foreach (var file in plan.ValueFiles) arguments.AddRange(["--values", Quote(ClosureExport.PathOf(workspace, file.Reference, file.Path))]);
        if (spec.Values.Length > 0) arguments.AddRange(["--values", await workspace.WriteBesideAsync("values.yaml", spec.Values, cancellationToken)]);
        if (spec.ValuesObject is { ValueKind: JsonValueKind.Object } values)
            arguments.AddRange(["--values", await workspace.WriteBesideAsync("valuesObject.yaml", values.GetRawText(), cancellationToken)]);
        foreach (var parameter in spec.Parameters)
            arguments.Add($"--{(parameter.ForceString ? "set-string" : "set")}={parameter.Name}={Escape(parameter.Value)}");
        for (var i = 0; i < plan.FileParameters.Count; i++)
        {
            // A path of our own: commas and braces mean something to helm.
            var file = plan.FileParameters[i];
            var content = await File.ReadAllBytesAsync(ClosureExport.PathOf(workspace, file.Reference, file.Path), cancellationToken);
            arguments.Add($"--set-file={file.Name}={await workspace.WriteBesideAsync($"parameter{i}", content, cancellationToken)}");
        }
        return arguments;
    }

    /// <summary>Helm reads the names of values files as a line of CSV: a comma in a name would begin another file, anywhere on this machine.</summary>
    private static string Quote(string path) => $"\"{path.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>As Argo CD does: a comma is part of the value, unless it is escaped already or the value is a list {a,b}.</summary>
    private static string Escape(string value) => value.StartsWith('{') && value.EndsWith('}') ? value : BareComma().Replace(value, @"\,");

    private static string First(params string[] values) => Array.Find(values, value => value.Length > 0) ?? "";

    [GeneratedRegex(@"(?<!\\),", RegexOptions.CultureInvariant)]
    private static partial Regex BareComma();
}

/// <summary>What a chart is told about its release and its cluster.</summary>
internal sealed record HelmSettings(string Release, string Namespace, string KubeVersion, IReadOnlyList<string> ApiVersions);
