using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Reading;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>Reading ahead: a thousand paths of one commit in a few turns on the executor instead of several for each.</summary>
internal sealed partial class GitMirrors
{
    private const int PathsPerTurn = 256;

    /// <summary>Larger directories are listed by who needs them.</summary>
    private const int FewEntries = 64;

    public async Task LookAheadAsync(RepositoryAccess repository, string commit, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        // What leads through submodules may have to be fetched first.
        if (repository.ReadsSubmodules) return;
        var folder = folders.For(repository).Folder;
        foreach (var turn in paths.Where(path => recent.FindPath(folder, commit, path) is null).Chunk(PathsPerTurn))
            await ReadAsync(repository, opened => LookAhead(opened, folder, CommitReader.Find(opened, commit), turn), cancellationToken);
    }

    private bool LookAhead(Repository opened, string folder, Commit commit, IReadOnlyList<string> turn)
    {
        foreach (var path in turn)
        {
            try
            {
                var entry = recent.KeepPath(folder, commit.Sha, path, paths.Resolve(opened, commit, path));
                recent.KeepLinked(folder, commit.Sha, path, links.AnyIsLinked(opened, commit.Tree.Id, [path]));
                if (entry.Kind != TreeEntryKind.Tree) continue;
                var files = TreeLister.List(opened, entry.Id, recurse: true, FewEntries, submodules: null);
                recent.KeepFiles(folder, entry.Id, recurse: true, files);
                var flat = files.Where(file => !file.Path.Contains('/', StringComparison.Ordinal)).ToArray();
                recent.KeepFiles(folder, entry.Id, recurse: false, flat.Length == files.Count ? files : flat);
            }
            catch (GitException failure) when (failure.Kind != GitErrorKind.Malformed)
            {
                // Who asks for this path is told.
            }
        }
        return true;
    }
}
