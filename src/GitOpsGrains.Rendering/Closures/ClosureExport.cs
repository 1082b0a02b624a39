using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Running;

namespace GitOpsGrains.Rendering.Closures;

/// <summary>Writes the files of a closure, and nothing else, into a workspace.</summary>
internal sealed class ClosureExport(IGitMirrors mirrors)
{
    private const long BatchBytes = 8 * 1024 * 1024;
    private const int BatchFiles = 256;

    /// <summary>Where a file of the source's own repository, or of another one, is in the workspace.</summary>
    public static string PathOf(Workspace workspace, string reference, string path) =>
        reference.Length == 0 ? Path.Combine(workspace.Tree, path) : Path.Combine(RootOfOthers(workspace), reference, path);

    public static string RootOfOthers(Workspace workspace) => Path.Combine(workspace.Folder, "refs");

    /// <returns>Files that hold nothing but a Git LFS pointer.</returns>
    public async Task<IReadOnlyList<ClosureFile>> WriteAsync(Workspace workspace, RenderRequest request, Closure closure, CancellationToken cancellationToken)
    {
        var pointers = new List<ClosureFile>();
        foreach (var group in closure.Files.GroupBy(file => file.Reference))
        {
            var repository = group.Key.Length == 0 ? request.Repository : request.Context.References[group.Key].Repository;
            foreach (var batch in Batches(group)) await WriteAsync(workspace, repository, batch, pointers, request.Limits, cancellationToken);
        }
        foreach (var link in closure.Links) WriteLink(workspace, link);
        System.IO.Directory.CreateDirectory(PathOf(workspace, "", closure.Root));
        return pointers;
    }

    private async Task WriteAsync(
        Workspace workspace, RepositoryAccess repository, List<ClosureFile> files, List<ClosureFile> pointers, RenderLimits limits, CancellationToken cancellationToken)
    {
        var contents = await mirrors.ReadBlobsAsync(repository, [.. files.Select(file => file.BlobId)], limits.MaxFileBytes, cancellationToken);
        foreach (var (file, content) in files.Zip(contents))
        {
            var path = PathOf(workspace, file.Reference, file.Path);
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, content, cancellationToken);
            if (LfsPointer.Is(content.Span)) pointers.Add(file);
        }
    }

    /// <summary>Absolute, since the folder it lies in may itself be reached through a link: a relative one could lead out of the workspace.</summary>
    private static void WriteLink(Workspace workspace, ClosureLink link)
    {
        var (path, target) = (PathOf(workspace, "", link.Path), PathOf(workspace, "", link.Target));
        if (Path.Exists(path)) return;
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, target);
    }

    private static IEnumerable<List<ClosureFile>> Batches(IEnumerable<ClosureFile> files)
    {
        var batch = new List<ClosureFile>();
        long bytes = 0;
        foreach (var file in files)
        {
            batch.Add(file);
            bytes += file.Size;
            if (bytes < BatchBytes && batch.Count < BatchFiles) continue;
            yield return batch;
            (batch, bytes) = ([], 0);
        }
        if (batch.Count > 0) yield return batch;
    }
}
