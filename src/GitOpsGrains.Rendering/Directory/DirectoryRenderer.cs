using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Rendering.Directory;

/// <summary>
/// Renders a plain directory, or a single file, of YAML and JSON: read as blobs from the mirror, without a checkout.
/// A directory without manifests gives an empty set.
/// </summary>
internal sealed class DirectoryRenderer(IGitMirrors mirrors, ParseCache cache, IOptions<RenderingOptions> options) : ISourceRenderer, IDisposable
{
    /// <summary>Goes into every key: to be raised when the same files would give another set.</summary>
    private const string Version = "directory/1";
    private const long BatchBytes = 8 * 1024 * 1024;
    private const int MaxLinkBytes = 4096;

    // Many renders may wait for Git at once; only these many parse.
    private readonly SemaphoreSlim _parsers = new(options.Value.Parallelism);

    public Task<RenderKey> KeyAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken) =>
        Task.FromResult(KeyOf(request, entry));

    public void Dispose() => _parsers.Dispose();

    public async Task<RenderResult> RenderAsync(RenderRequest request, TreeEntry entry, CancellationToken cancellationToken)
    {
        var key = KeyOf(request, entry);
        var (files, faults) = await SelectAsync(request, entry, cancellationToken);
        if (faults.Count == 0) faults = [.. FileSelection.Check(files, request.Limits)];
        if (faults.Count > 0) return new RenderResult(key, null, faults);
        var parsed = await ParseAsync(request, files, cancellationToken);
        return await BoundedAsync(() => RenderResults.Combine(key, parsed, request.Limits), cancellationToken);
    }

    private static RenderKey KeyOf(RenderRequest request, TreeEntry entry)
    {
        var spec = request.Source.Directory ?? new DirectorySpec();
        // As JSON, so that no two lists of inputs read alike.
        string[] inputs = entry.Kind == TreeEntryKind.Tree
            ? [Version, "tree", entry.Id, spec.Recurse ? "recurse" : "", spec.Include, spec.Exclude]
            : [Version, "file", entry.Id, NameOf(entry.Path)];
        if (SourceSubstitution.Of(request).Inputs is { Length: > 0 } variables) inputs = [.. inputs, variables];
        if (request.Repository.ReadsSubmodules) inputs = [.. inputs, "submodules"];
        var kind = entry.Kind == TreeEntryKind.Tree ? ReadKind.Tree : ReadKind.Blob;
        var reads = ReadSet.Of(new ReadSetEntry(request.Repository.Name, request.Source.Path, entry.Id, kind));
        return new RenderKey(Digest.Of(JsonSerializer.SerializeToUtf8Bytes(inputs)).ToString(), reads);
    }

    private async Task<(IReadOnlyList<SourceFile> Files, IReadOnlyList<ManifestFault> Faults)> SelectAsync(
        RenderRequest request, TreeEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Kind == TreeEntryKind.Blob)
        {
            var name = NameOf(entry.Path);
            return SourceFile.IsManifest(name)
                ? ([new SourceFile(name, entry.Id, entry.Size)], [])
                : ([], [new ManifestFault(name, null, null, "the source's path is a file, but not a .yaml, .yml or .json one")]);
        }
        var spec = request.Source.Directory ?? new DirectorySpec();
        var (selection, faults) = FileSelection.Parse(spec);
        if (selection is null) return ([], faults);
        var entries = await mirrors.ListFilesAsync(request.Repository, entry.Id, spec.Recurse, cancellationToken);
        var taken = entries.Where(selection.Takes).ToList();
        return taken.Any(item => item.Kind == TreeEntryKind.SymbolicLink)
            ? await FollowLinksAsync(request, entry, taken, cancellationToken)
            : ([.. taken.Select(item => new SourceFile(item.Path, item.Id, item.Size))], []);
    }

    private async Task<(IReadOnlyList<SourceFile> Files, IReadOnlyList<ManifestFault> Faults)> FollowLinksAsync(
        RenderRequest request, TreeEntry tree, List<TreeEntry> taken, CancellationToken cancellationToken)
    {
        var all = await mirrors.ListFilesAsync(request.Repository, tree.Id, true, cancellationToken);
        var ids = all.Where(item => item.Kind == TreeEntryKind.SymbolicLink).Select(item => item.Id).Distinct().ToList();
        var targets = await mirrors.ReadBlobsAsync(request.Repository, ids, MaxLinkBytes, cancellationToken);
        var links = new TreeLinks(all, ids.Zip(targets).ToDictionary(pair => pair.First, pair => Encoding.UTF8.GetString(pair.Second.Span)));
        var files = new List<SourceFile>();
        var faults = new List<ManifestFault>();
        foreach (var item in taken)
        {
            var (blob, fault) = item.Kind == TreeEntryKind.SymbolicLink ? links.Follow(item) : (item, null);
            if (fault is not null) faults.Add(new ManifestFault(item.Path, null, null, fault));
            else if (blob is not null) files.Add(new SourceFile(item.Path, blob.Id, blob.Size));
        }
        return (files, faults);
    }

    private async Task<IReadOnlyList<ManifestParseResult>> ParseAsync(
        RenderRequest request, IReadOnlyList<SourceFile> files, CancellationToken cancellationToken)
    {
        var results = new ManifestParseResult[files.Count];
        var substitution = SourceSubstitution.Of(request);
        var missing = new List<int>();
        long bytes = 0;
        for (var index = 0; index < files.Count; index++)
        {
            if (cache.TryGet(files[index], request.Limits, substitution.Inputs, out results[index])) continue;
            missing.Add(index);
            bytes += files[index].Size;
            if (bytes < BatchBytes) continue;
            await ParseBatchAsync(request, substitution, files, missing, results, cancellationToken);
            missing.Clear();
            bytes = 0;
        }
        if (missing.Count > 0) await ParseBatchAsync(request, substitution, files, missing, results, cancellationToken);
        return results;
    }

    private async Task ParseBatchAsync(
        RenderRequest request, SourceSubstitution substitution, IReadOnlyList<SourceFile> files, List<int> batch, ManifestParseResult[] results,
        CancellationToken cancellationToken)
    {
        var contents = await mirrors.ReadBlobsAsync(
            request.Repository, [.. batch.Select(index => files[index].BlobId)], request.Limits.MaxFileBytes, cancellationToken);
        await BoundedAsync(() =>
        {
            if (batch.Count == 1) ParseOne(0);
            else Parallel.For(0, batch.Count, new ParallelOptions { CancellationToken = cancellationToken }, ParseOne);
            return true;
        }, cancellationToken);

        void ParseOne(int position)
        {
            var file = files[batch[position]];
            var result = ManifestParser.Parse(file.Path, contents[position], request.Limits, substitution.Substitution);
            cache.Add(file, request.Limits, substitution.Inputs, result);
            results[batch[position]] = result;
        }
    }

    private async Task<T> BoundedAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _parsers.WaitAsync(cancellationToken);
        try
        {
            return work();
        }
        finally
        {
            _parsers.Release();
        }
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
