using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Rendering;

/// <summary>One kind of source. Errors as of <see cref="IRenderer"/>.</summary>
internal interface ISourceRenderer
{
    /// <param name="entry">What the source's path leads to: a tree, or for plain files a blob.</param>
    Task<RenderKey> KeyAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken);

    Task<RenderResult> RenderAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken);
}
