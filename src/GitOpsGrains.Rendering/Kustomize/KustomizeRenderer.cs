using System.Text.Json;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Closures;
using GitOpsGrains.Rendering.Running;

namespace GitOpsGrains.Rendering.Kustomize;

/// <summary>
/// Renders a kustomization: its closure is exported and built by kustomize, with the source's options as an overlay beside it.
/// Objects stand in "kustomization.yaml" at their position in the output.
/// </summary>
internal sealed class KustomizeRenderer(ClosureCache closures, ToolRenders renders, ToolLocator tools, ToolRunner runner) : ISourceRenderer
{
    /// <summary>Goes into every key: to be raised when the same files would give another set.</summary>
    private const string Version = "kustomize/1";
    private const string OutputFile = "kustomization.yaml";

    public async Task<RenderKey> KeyAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken)
    {
        var closure = await ClosureOfAsync(request, entry, cancellationToken);
        return KeyOf(request, closure, await ToolRenders.FindAsync(tools.KustomizeAsync, cancellationToken));
    }

    public async Task<RenderResult> RenderAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken)
    {
        var closure = await ClosureOfAsync(request, entry, cancellationToken);
        var found = await ToolRenders.FindAsync(tools.KustomizeAsync, cancellationToken);
        var key = KeyOf(request, closure, found);
        return await renders.RunAsync(request, key, closure, found, OutputFile, (workspace, tool) => RunAsync(workspace, request, key, closure, tool, cancellationToken), cancellationToken);
    }

    private async Task<RenderResult> RunAsync(
        Workspace workspace, RenderRequest request, RenderKey key, Closure closure, Tool tool, CancellationToken cancellationToken)
    {
        var remote = request.Context.Permissions.RemoteBases;
        var folder = await OverlayAsync(workspace, request, closure, cancellationToken);
        var result = await runner.RunAsync(RunOf(workspace, tool, folder, remote), cancellationToken);
        return result.ExitCode == 0
            ? Parse(request, key, result.Output)
            : RenderResults.Faulty(key, ToolErrors.Fault(workspace, "kustomize", result, OutputFile)) with { IsTransient = remote };
    }

    private Task<Closure> ClosureOfAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken) =>
        closures.GetAsync(Version, request, entry, builder => KustomizeClosure.BuildAsync(builder, entry.Path), cancellationToken);

    private static RenderKey KeyOf(RenderRequest request, Closure closure, FoundTool found) => ToolRenders.KeyOf(
        request, closure, Version, found,
        JsonSerializer.Serialize(request.Source.Kustomize, DocumentJson.Options), request.Context.Permissions.RemoteBases ? "remote" : "");

    /// <returns>The directory to build: the one in the repository, or an overlay on it.</returns>
    private static async Task<string> OverlayAsync(Workspace workspace, RenderRequest request, Closure closure, CancellationToken cancellationToken)
    {
        var root = ClosureExport.PathOf(workspace, "", closure.Root);
        if (request.Source.Kustomize is not { } spec || !KustomizeOverlay.IsNeeded(spec)) return root;
        var patches = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var patch in spec.Patches.Where(patch => patch.Path.Length > 0))
            patches[patch.Path] = await File.ReadAllTextAsync(ClosureExport.PathOf(workspace, "", RepositoryPaths.Join(closure.Root, patch.Path)!), cancellationToken);
        var overlay = KustomizeOverlay.Of(spec, Path.GetRelativePath(workspace.Beside, root), path => patches[path]);
        await workspace.WriteBesideAsync("kustomization.yaml", overlay.ToJsonString(DocumentJson.Rest), cancellationToken);
        return workspace.Beside;
    }

    private static ToolRun RunOf(Workspace workspace, Tool tool, string folder, bool network) =>
        new("kustomize", tool.Path, [tool.IsKubectl ? "kustomize" : "build", folder], workspace.Folder, workspace.Environment(network), network);

    private static RenderResult Parse(RenderRequest request, RenderKey key, byte[] output)
    {
        var limits = request.Limits with { MaxFileBytes = request.Limits.MaxTotalBytes };
        var parsed = ManifestParser.Parse(OutputFile, output, limits, SourceSubstitution.Of(request).Substitution);
        return RenderResults.Combine(key, [parsed], request.Limits);
    }
}
