using System.Text.Json;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Closures;
using GitOpsGrains.Rendering.Running;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// Renders a chart: its closure is exported and given to <c>helm template</c>. Objects stand in their template. A chart that
/// calls random or time functions is rendered twice, and what differs is a fault.
/// </summary>
internal sealed class HelmRenderer(ClosureCache closures, ToolRenders renders, ToolLocator tools, ToolRunner runner, ChartFetch fetch, TimeProvider time) : ISourceRenderer
{
    /// <summary>Goes into every key: to be raised when the same files would give another set.</summary>
    private const string Version = "helm/1";
    private const long MaxScanned = 4 * 1024 * 1024;

    public async Task<RenderKey> KeyAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken)
    {
        var closure = await ClosureOfAsync(request, entry, cancellationToken);
        return KeyOf(request, closure, await ToolRenders.FindAsync(tools.HelmAsync, cancellationToken));
    }

    public async Task<RenderResult> RenderAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken)
    {
        var closure = await ClosureOfAsync(request, entry, cancellationToken);
        var found = await ToolRenders.FindAsync(tools.HelmAsync, cancellationToken);
        var key = KeyOf(request, closure, found);
        bool? asks = null;
        var result = await renders.RunAsync(request, key, closure, found, ChartFile.Name, (workspace, tool) =>
        {
            asks = key.MayAskCluster && AsksCluster(workspace, request, closure.Chart!);
            return RunAsync(workspace, request, key, closure.Chart!, tool, cancellationToken);
        }, cancellationToken);
        // Of a killed run as well: for another cluster it may do less.
        return result with { AsksCluster = asks };
    }

    private Task<Closure> ClosureOfAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken) =>
        request.Context.References.Count == 0 || request.Source.Helm is null
            ? closures.GetAsync(Version, request, entry, builder => HelmClosure.BuildAsync(builder, entry), cancellationToken)
            : closures.GetAsync($"{Version} {string.Join(' ', request.Context.References.Select(item => $"{item.Key}={item.Value.Repository}").Order(StringComparer.Ordinal))}",
                request, entry, builder => HelmClosure.BuildAsync(builder, entry), cancellationToken);

    private static RenderKey KeyOf(RenderRequest request, Closure closure, FoundTool found) => ToolRenders.KeyOf(
        request, closure, Version, found,
        JsonSerializer.Serialize(request.Source.Helm, DocumentJson.Options), JsonSerializer.Serialize(HelmCommand.SettingsOf(request)),
        request.Context.Permissions.ChartDependencies ? "remote" : "") with
    {
        MayAskCluster = request.Source.Helm is not { KubeVersion.Length: > 0, ApiVersions.Count: > 0 },
    };

    private async Task<RenderResult> RunAsync(
        Workspace workspace, RenderRequest request, RenderKey key, ChartPlan plan, Tool tool, CancellationToken cancellationToken)
    {
        if (request.Source.Helm is not { SkipSchemaValidation: true }
            && await ChartSchemas.FaultInAsync(ClosureExport.PathOf(workspace, "", plan.Directory), cancellationToken) is { } fault)
            return RenderResults.Faulty(key, fault);
        if (await fetch.FetchAsync(workspace, plan, tool, cancellationToken) is { } unfetched) return RenderResults.Faulty(key, unfetched) with { IsTransient = true };
        var arguments = await HelmCommand.ArgumentsAsync(workspace, request, plan, HelmCommand.SettingsOf(request), cancellationToken);
        var first = await TemplateAsync(workspace, request, key, tool, arguments, "UTC", cancellationToken);
        if (first.Set is null || !(plan.HasArchives || plan.Remote.Count > 0 || IsVolatile(workspace, plan))) return first;
        await NextSecondAsync(cancellationToken);
        var zone = await ShiftedClock.WriteAsync(workspace, time.GetUtcNow(), cancellationToken);
        return Compare(first, await TemplateAsync(workspace, request, key, tool, arguments, zone, cancellationToken));
    }

    private async Task<RenderResult> TemplateAsync(
        Workspace workspace, RenderRequest request, RenderKey key, Tool tool, IReadOnlyList<string> arguments, string zone, CancellationToken cancellationToken)
    {
        var environment = workspace.Environment(false);
        environment["TZ"] = zone;
        var result = await runner.RunAsync(new ToolRun("helm", tool.Path, arguments, workspace.Folder, environment, false), cancellationToken);
        if (result.ExitCode != 0) return RenderResults.Faulty(key, ToolErrors.Fault(workspace, "helm", result, ChartFile.Name));
        var limits = request.Limits with { MaxFileBytes = request.Limits.MaxTotalBytes };
        return RenderResults.Combine(key, HelmOutput.Parse(result.Output, limits, SourceSubstitution.Of(request).Substitution), request.Limits);
    }

    /// <summary>Whether a template of the chart calls a function that gives something else each time. Packed charts are not looked into.</summary>
    private static bool IsVolatile(Workspace workspace, ChartPlan plan) =>
        System.IO.Directory.EnumerateFiles(ClosureExport.PathOf(workspace, "", plan.Directory), "*", SearchOption.AllDirectories)
            .Any(file => new FileInfo(file).Length > MaxScanned || ChartFile.IsVolatile(File.ReadAllText(file)));

    /// <summary>
    /// Whether something that is rendered names the cluster's capabilities: of the chart, its dependencies, or the values. Packed
    /// charts are not looked into.
    /// </summary>
    private static bool AsksCluster(Workspace workspace, RenderRequest request, ChartPlan plan)
    {
        if (plan.HasArchives || plan.Remote.Count > 0) return true;
        FileInfo[] files =
        [
            .. new[] { workspace.Tree, ClosureExport.RootOfOthers(workspace) }.Where(System.IO.Directory.Exists)
                .SelectMany(folder => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)),
        ];
        return files.Any(file => file.Length > MaxScanned)
            || ChartFile.AsksCluster(files.Select(file => (file.Name, File.ReadAllText(file.FullName))).Append(("", JsonSerializer.Serialize(request.Source.Helm, DocumentJson.Options))));
    }

    /// <summary>Until the clock shows a second that nothing was rendered in until now: seconds are what charts print of it.</summary>
    private async Task NextSecondAsync(CancellationToken cancellationToken)
    {
        var next = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds() + 1);
        while (time.GetUtcNow() is var now && now < next) await Task.Delay(next - now, time, cancellationToken);
    }

    private static RenderResult Compare(RenderResult first, RenderResult second)
    {
        if (second.Set is null || second.Set.Digest == first.Set!.Digest) return second.Set is null ? second : first;
        var others = second.Set.Objects.ToDictionary(item => item.Id, item => item.Hash);
        var item = first.Set.Objects.FirstOrDefault(item => !others.TryGetValue(item.Id, out var hash) || hash != item.Hash) ?? first.Set.Objects[0];
        return RenderResults.Faulty(first.Key, new ManifestFault(item.Position.File, item.Position.Document, item.Id,
            "the chart renders something else each time (random values or the time): give the value explicitly"));
    }
}
