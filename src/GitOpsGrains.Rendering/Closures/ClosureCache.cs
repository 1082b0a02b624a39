using System.Text.Json;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Rendering.Closures;

/// <summary>
/// Closures by the tree at the source's path and the options: a commit elsewhere costs a look at that tree and at each path
/// that was read outside of it. Bounded; the oldest go first.
/// </summary>
internal sealed class ClosureCache(IGitMirrors mirrors, IOptions<RenderingOptions> options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Closure> _closures = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <param name="tree">What is at the source's path.</param>
    public async Task<Closure> GetAsync(
        string renderer, RenderRequest request, TreeEntry tree, Func<ClosureBuilder, Task<Closure>> build, CancellationToken cancellationToken)
    {
        var key = KeyOf(renderer, request, tree);
        if (Find(key) is { } known && await HoldsAsync(known, request, cancellationToken)) return known;
        var closure = await build(new ClosureBuilder(mirrors, request, options.Value.MaxClosureFiles, cancellationToken));
        Keep(key, closure);
        return closure;
    }

    private static string KeyOf(string renderer, RenderRequest request, TreeEntry tree)
    {
        var source = request.Source;
        return string.Join('\n',
            renderer, request.Repository.Name, request.Repository.Url, request.Repository.ReadsSubmodules ? "submodules" : "", source.Path, tree.Path, tree.Id,
            JsonSerializer.Serialize(source.Kustomize, DocumentJson.Options), JsonSerializer.Serialize(source.Helm, DocumentJson.Options),
            request.Context.Permissions, request.Limits);
    }

    private async Task<bool> HoldsAsync(Closure closure, RenderRequest request, CancellationToken cancellationToken)
    {
        foreach (var read in closure.Outside)
            if (await IdOfAsync(read, request, cancellationToken) != read.ObjectId) return false;
        return true;
    }

    private async Task<string?> IdOfAsync(OutsideRead read, RenderRequest request, CancellationToken cancellationToken)
    {
        var (repository, commit) = (request.Repository, request.Commit);
        if (read.Reference.Length > 0)
        {
            if (!request.Context.References.TryGetValue(read.Reference, out var other)) return null;
            (repository, commit) = (other.Repository, other.Commit);
        }
        try
        {
            return (await mirrors.ResolvePathAsync(repository, commit, read.Path, cancellationToken)).Id;
        }
        catch (GitException missing) when (missing.Kind == GitErrorKind.PathNotFound)
        {
            return "";
        }
        catch (GitException refused) when (refused.Kind == GitErrorKind.PathRefused)
        {
            return null;
        }
    }

    private Closure? Find(string key)
    {
        lock (_lock) return _closures.GetValueOrDefault(key);
    }

    private void Keep(string key, Closure closure)
    {
        lock (_lock)
        {
            if (!_closures.ContainsKey(key)) _order.Enqueue(key);
            _closures[key] = closure;
            while (_order.Count > options.Value.CachedClosures) _closures.Remove(_order.Dequeue());
        }
    }
}
