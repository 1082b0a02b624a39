using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
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
internal sealed class KustomizeRenderer(ClosureCache closures, ClosureExport export, ToolLocator tools, ToolRunner runner) : ISourceRenderer
{
    /// <summary>Goes into every key: to be raised when the same files would give another set.</summary>
    private const string Version = "kustomize/1";
    private const string OutputFile = "kustomization.yaml";

    public async Task<RenderKey> KeyAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken)
    {
        var closure = await ClosureOfAsync(request, entry, cancellationToken);
        var (tool, _) = await ToolAsync(cancellationToken);
        return KeyOf(request, closure, tool);
    }

    public async Task<RenderResult> RenderAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken)
    {
        var closure = await ClosureOfAsync(request, entry, cancellationToken);
        var (tool, missing) = await ToolAsync(cancellationToken);
        var key = KeyOf(request, closure, tool);
        if (closure.Faults.Count > 0) return RenderResults.Faulty(key, closure.Faults);
        if (tool is null) return RenderResults.Faulty(key, new ManifestFault(".", null, null, missing)) with { IsTransient = true };
        try
        {
            using var workspace = new Workspace();
            await export.WriteAsync(workspace, request, closure, cancellationToken);
            var folder = await OverlayAsync(workspace, request, closure, cancellationToken);
            var result = await runner.RunAsync(RunOf(workspace, tool, folder, request.Context.Permissions.RemoteBases), cancellationToken);
            if (result.ExitCode == 0) return Parse(request, key, result.Output);
            return RenderResults.Faulty(key, ToolErrors.Fault(workspace, "kustomize", result, OutputFile)) with { IsTransient = request.Context.Permissions.RemoteBases };
        }
        catch (ToolException killed)
        {
            return RenderResults.Faulty(key, new ManifestFault(OutputFile, null, null, killed.Message)) with { IsTransient = true };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return RenderResults.Faulty(key, new ManifestFault(".", null, null, Workspace.Unusable(failure))) with { IsTransient = true };
        }
    }

    private Task<Closure> ClosureOfAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken) =>
        closures.GetAsync(Version, request, entry, builder => KustomizeClosure.BuildAsync(builder, entry.Path), cancellationToken);

    private async Task<(Tool? Tool, string Missing)> ToolAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await tools.KustomizeAsync(cancellationToken), "");
        }
        catch (ToolException missing)
        {
            return (null, missing.Message);
        }
    }

    private static RenderKey KeyOf(RenderRequest request, Closure closure, Tool? tool)
    {
        string[] inputs =
        [
            Version, tool?.Version ?? "", closure.Root, closure.ReadSet.Digest,
            JsonSerializer.Serialize(request.Source.Kustomize, DocumentJson.Options),
            request.Context.Permissions.RemoteBases ? "remote" : "", SourceSubstitution.Of(request).Inputs,
        ];
        if (request.Repository.ReadsSubmodules) inputs = [.. inputs, "submodules"];
        return new RenderKey(Digest.Of(JsonSerializer.SerializeToUtf8Bytes(inputs)).ToString(), closure.ReadSet);
    }

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
