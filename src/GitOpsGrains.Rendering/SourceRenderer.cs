using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Directory;
using GitOpsGrains.Rendering.Helm;
using GitOpsGrains.Rendering.Kustomize;

namespace GitOpsGrains.Rendering;

/// <summary>
/// Chooses the renderer of a source: the one that it names (helm, kustomize, directory), else by what is at its path: a
/// Chart.yaml, a kustomization, anything else. Everything runs off the caller's scheduler, which may be a grain's.
/// </summary>
internal sealed class SourceRenderer(IGitMirrors mirrors, DirectoryRenderer directory, HelmRenderer helm, KustomizeRenderer kustomize) : IRenderer
{
    private readonly SourceKinds _kinds = new(mirrors);

    public Task<RenderKey> KeyAsync(RenderRequest request, CancellationToken cancellationToken) => Task.Run(async () =>
    {
        var (renderer, entry) = await ChooseAsync(request, cancellationToken);
        return await renderer.KeyAsync(request, entry, cancellationToken);
    }, cancellationToken);

    public Task<RenderResult> RenderAsync(RenderRequest request, CancellationToken cancellationToken) => Task.Run(async () =>
    {
        var (renderer, entry) = await ChooseAsync(request, cancellationToken);
        return await renderer.RenderAsync(request, entry, cancellationToken);
    }, cancellationToken);

    private async Task<(ISourceRenderer Renderer, TreeEntry Entry)> ChooseAsync(RenderRequest request, CancellationToken cancellationToken)
    {
        var source = request.Source;
        var entry = await mirrors.ResolvePathAsync(request.Repository, request.Commit, source.Path, cancellationToken);
        if (entry.Kind is not (TreeEntryKind.Tree or TreeEntryKind.Blob))
            throw new GitException(GitErrorKind.PathRefused, $"'{source.Path}' is a submodule, which is not fetched; submodules.fetch of the repository asks for it");
        return (RendererOf(source, entry.Kind == TreeEntryKind.Tree ? await KindOfAsync(request, entry, cancellationToken) : SourceKind.Directory), entry);
    }

    private async Task<SourceKind> KindOfAsync(RenderRequest request, TreeEntry tree, CancellationToken cancellationToken)
    {
        if (request.Source.Helm is not null) return SourceKind.Helm;
        if (request.Source.Kustomize is not null) return SourceKind.Kustomize;
        return request.Source.Directory is not null ? SourceKind.Directory : await _kinds.OfAsync(request.Repository, tree, cancellationToken);
    }

    private ISourceRenderer RendererOf(SourceSpec source, SourceKind kind) => kind switch
    {
        SourceKind.Helm => helm,
        SourceKind.Kustomize => kustomize,
        _ when source.Helm is not null => helm,
        _ when source.Kustomize is not null => kustomize,
        _ => directory,
    };
}
