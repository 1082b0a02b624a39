using System.Collections.Immutable;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Helm;

namespace GitOpsGrains.Rendering.Closures;

/// <summary>
/// Collects what a render reads: each path that is looked for is remembered with what Git has there, also when that is
/// nothing. Paths lead through symbolic links, never out of the repository. Used by one task only.
/// </summary>
internal sealed class ClosureBuilder(IGitMirrors mirrors, RenderRequest request, int maxFiles, CancellationToken cancellationToken)
{
    public const int MaxFaults = 20;

    private readonly ImmutableArray<ReadSetEntry>.Builder _reads = ImmutableArray.CreateBuilder<ReadSetEntry>();
    private readonly Dictionary<(string Reference, string Path), Found?> _found = [];
    private readonly Dictionary<(string Reference, string Path), ClosureFile> _files = [];
    private readonly Dictionary<string, ClosureLink> _links = new(StringComparer.Ordinal);
    private readonly List<ManifestFault> _faults = [];
    private readonly List<OutsideRead> _outside = [];
    private readonly string _home = RepositoryPaths.Join("", request.Source.Path) ?? "";
    private long _bytes;
    private bool _isFull;

    public RenderRequest Request => request;

    public bool HasFaults => _faults.Count > 0;

    public void Fault(string file, string reason)
    {
        if (_faults.Count < MaxFaults) _faults.Add(new ManifestFault(file, null, null, reason));
    }

    /// <summary>
    /// What a path leads to; null when there is nothing, or nothing that may be read (then there is a fault). Directories are
    /// not remembered: what is in them is.
    /// </summary>
    /// <param name="reference">"" for the source's own repository.</param>
    /// <param name="from">The file that names the path, for faults.</param>
    public async Task<Found?> FindAsync(string reference, string path, string from)
    {
        if (_found.TryGetValue((reference, path), out var known)) return known;
        var (repository, commit) = Locate(reference);
        Found? found = null;
        try
        {
            var entry = await mirrors.ResolvePathAsync(repository, commit, path, cancellationToken);
            if (entry.Kind is TreeEntryKind.Tree or TreeEntryKind.Blob) found = new Found(reference, entry.Path, entry.Kind, entry.Id, entry.Size);
            else Fault(from, $"'{path}' is a submodule, which is not fetched; submodules.fetch of the repository asks for it");
        }
        catch (GitException missing) when (missing.Kind == GitErrorKind.PathNotFound)
        {
            found = null;
        }
        catch (GitException refused) when (refused.Kind == GitErrorKind.PathRefused)
        {
            Fault(from, refused.Message);
        }
        _found[(reference, path)] = found;
        // A link to a directory can be pointed elsewhere by itself: what is read below its target would be what it was.
        if (found is { Kind: TreeEntryKind.Tree } linked && linked.Path != path) ReadTree(reference, path, linked);
        if (found is not { Kind: TreeEntryKind.Tree }) Read(reference, path, found?.Path ?? path, found?.Id ?? "", ReadKind.Blob);
        return found;
    }

    /// <summary>Remembers a whole directory as read.</summary>
    public void ReadTree(string reference, string path, Found tree) => Read(reference, path, tree.Path, tree.Id, ReadKind.Tree);

    /// <summary>The content of a file; null, with a fault, when it is too large.</summary>
    public async Task<ReadOnlyMemory<byte>?> ContentAsync(Found file)
    {
        if (file.Size > request.Limits.MaxFileBytes)
        {
            Fault(file.Path, $"the file has {file.Size} bytes, more than the {request.Limits.MaxFileBytes} that one file may have");
            return null;
        }
        return (await mirrors.ReadBlobsAsync(Locate(file.Reference).Repository, [file.Id], request.Limits.MaxFileBytes, cancellationToken))[0];
    }

    /// <summary>All files below a tree; null, with a fault, when there are too many.</summary>
    public async Task<IReadOnlyList<TreeEntry>?> ListAsync(Found tree)
    {
        try
        {
            return await mirrors.ListFilesAsync(Locate(tree.Reference).Repository, tree.Id, true, cancellationToken);
        }
        catch (GitException refused) when (refused.Kind is GitErrorKind.TooLarge or GitErrorKind.PathRefused)
        {
            Fault(tree.Path.Length == 0 ? "." : tree.Path, refused.Message);
            return null;
        }
    }

    /// <summary>Exports a file at its own path, and the way to it when that leads through a link.</summary>
    public void Add(string askedPath, Found file)
    {
        AddAt(file.Reference, file.Path, file.Id, file.Size);
        Link(askedPath, file);
    }

    public void Link(string askedPath, Found found)
    {
        if (found.Reference.Length == 0 && askedPath != found.Path) _links[askedPath] = new ClosureLink(askedPath, found.Path);
    }

    /// <summary>Exports a blob at any path.</summary>
    public void AddAt(string reference, string path, string blobId, long size)
    {
        if (_isFull || _files.ContainsKey((reference, path))) return;
        if (!RepositoryPaths.IsWritable(path))
        {
            Fault(Shown(path), "the file's name can't be used: it is too long, not UTF-8, or holds control characters");
            return;
        }
        if (size > request.Limits.MaxFileBytes)
        {
            Fault(path, $"the file has {size} bytes, more than the {request.Limits.MaxFileBytes} that one file may have");
            return;
        }
        _files[(reference, path)] = new ClosureFile(reference, path, blobId, size);
        _bytes += size;
        _isFull = _files.Count > maxFiles || _bytes > request.Limits.MaxTotalBytes;
        if (_files.Count > maxFiles) Fault(".", $"the source needs more than {maxFiles} files");
        else if (_isFull) Fault(".", $"the source's files have more than {request.Limits.MaxTotalBytes} bytes together");
    }

    public Closure Build(string root, ChartPlan? chart) =>
        new(new ReadSet(_reads.ToImmutable()), [.. _files.Values], [.. _links.Values], _faults, _outside, root, chart);

    private void Read(string reference, string path, string foundAt, string id, ReadKind kind)
    {
        _reads.Add(new ReadSetEntry(Locate(reference).Repository.Name, path, id, kind));
        if (reference.Length > 0 || !RepositoryPaths.IsBelow(_home, path) || !RepositoryPaths.IsBelow(_home, foundAt))
            _outside.Add(new OutsideRead(reference, path, id));
    }

    private (RepositoryAccess Repository, string Commit) Locate(string reference)
    {
        if (reference.Length == 0) return (request.Repository, request.Commit);
        var other = request.Context.References[reference];
        return (other.Repository, other.Commit);
    }

    private static string Shown(string path) => new([.. path.Take(200).Select(letter => char.IsControl(letter) ? '?' : letter)]);
}
