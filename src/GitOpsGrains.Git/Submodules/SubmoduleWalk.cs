using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Reading;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Submodules;

/// <summary>A submodule whose commit is not in the mirror.</summary>
/// <param name="Path">From the outermost repository's root.</param>
/// <param name="IsNeeded">It is on the way to what was asked for, and not only below it.</param>
internal sealed record MissingSubmodule(string Path, string Url, string Commit, bool IsNeeded);

/// <summary>
/// The way of one path through submodules: knows in which repository it is, and so what the relative URLs in its .gitmodules are
/// relative to. Used by one lookup.
/// </summary>
internal sealed class SubmoduleWalk(RepositoryAccess access, string mirror, SubmoduleFiles files, SubmoduleFailures failures)
{
    /// <summary>Submodules in submodules.</summary>
    public const int MaxDepth = 4;

    private readonly List<Root> _roots = [];
    private int _looks;

    public MissingSubmodule? Missing { get; private set; }

    public void Start(ObjectId tree) => _roots.Add(new Root(0, "", tree, access.Url));

    /// <summary>The way goes up again, to the directory of this number.</summary>
    public void Leave(int place)
    {
        while (_roots[^1].Place > place) _roots.RemoveAt(_roots.Count - 1);
    }

    /// <summary>The tree of a submodule; null when it is missing. Errors: <see cref="GitErrorKind.Submodule"/>.</summary>
    public ObjectId? Enter(Repository repository, string path, int place, ObjectId commit)
    {
        if (_roots.Count > MaxDepth) throw new GitException(GitErrorKind.Submodule, $"the submodule '{path}' is nested deeper than {MaxDepth}");
        var (url, fault) = UrlOf(repository, _roots[^1], path);
        if (url is null) throw failures.Add(mirror, commit.Sha, $"the submodule '{path}' is not followed: {fault}", null);
        if (repository.Lookup<Commit>(commit) is { } found)
        {
            _roots.Add(new Root(place, path, found.Tree.Id, url));
            return found.Tree.Id;
        }
        if (failures.Find(mirror, commit.Sha) is { } failure) throw failure;
        Missing = new MissingSubmodule(path, url, commit.Sha, IsNeeded: true);
        return null;
    }

    /// <summary>The first that is missing below a directory, if any.</summary>
    public void LookBelow(Repository repository, string directory) => Missing ??= FindBelow(repository, _roots[^1], directory, _roots.Count);

    private MissingSubmodule? FindBelow(Repository repository, Root root, string directory, int depth)
    {
        if (depth > MaxDepth) return null;
        foreach (var inner in files.Of(repository, root.Tree).Keys)
        {
            var path = root.Path.Length == 0 ? inner : $"{root.Path}/{inner}";
            if (directory.Length > 0 && !path.StartsWith(directory + "/", StringComparison.Ordinal)) continue;
            if (++_looks > ModuleFile.MaxModules) return null;
            if (TreeEntries.Read(repository, root.Tree)[inner] is not { Mode: Mode.GitLink } entry) continue;
            if (Look(repository, root, path, entry.Target.Id, directory, depth) is { } missing) return missing;
        }
        return null;
    }

    private MissingSubmodule? Look(Repository repository, Root root, string path, ObjectId commit, string directory, int depth)
    {
        var (url, fault) = UrlOf(repository, root, path);
        if (url is null)
        {
            _ = failures.Add(mirror, commit.Sha, $"the submodule '{path}' is not followed: {fault}", null);
            return null;
        }
        if (repository.Lookup<Commit>(commit) is not { } found)
            return failures.Find(mirror, commit.Sha) is null ? new MissingSubmodule(path, url, commit.Sha, IsNeeded: false) : null;
        failures.Remove(mirror, commit.Sha);
        return FindBelow(repository, new Root(0, path, found.Tree.Id, url), directory, depth + 1);
    }

    private (string? Url, string? Fault) UrlOf(Repository repository, Root root, string path)
    {
        var inner = root.Path.Length == 0 ? path : path[(root.Path.Length + 1)..];
        return files.Of(repository, root.Tree).TryGetValue(inner, out var text) ? SubmoduleUrl.Resolve(access, root.Url, text) : (null, "no .gitmodules names its URL");
    }

    /// <param name="Place">Number of its directory on the way.</param>
    private readonly record struct Root(int Place, string Path, ObjectId Tree, string Url);
}

/// <summary>The .gitmodules of trees, each read once.</summary>
internal sealed class SubmoduleFiles(WideTrees wide)
{
    private const int MaxKnown = 1000;
    private static readonly Dictionary<string, string> None = [];
    private readonly ConcurrentDictionary<ObjectId, IReadOnlyDictionary<string, string>> _known = new();

    /// <summary>Path to URL. Errors: <see cref="GitErrorKind.Submodule"/> for a file that is too large.</summary>
    public IReadOnlyDictionary<string, string> Of(Repository repository, ObjectId tree)
    {
        if (wide.Find(repository, tree, ModuleFile.Name) is not { } entry || TreeEntries.KindOf(entry.Mode) != TreeEntryKind.Blob) return None;
        if (_known.TryGetValue(entry.Id, out var known)) return known;
        if (BlobReader.Size(repository, entry.Id) > ModuleFile.MaxBytes)
            throw new GitException(GitErrorKind.Submodule, $"{ModuleFile.Name} has more than {ModuleFile.MaxBytes} bytes");
        if (_known.Count >= MaxKnown) _known.Clear();
        return _known[entry.Id] = ModuleFile.Parse(System.Text.Encoding.UTF8.GetString(BlobReader.Read(repository, entry.Id.Sha, ModuleFile.MaxBytes)));
    }
}
