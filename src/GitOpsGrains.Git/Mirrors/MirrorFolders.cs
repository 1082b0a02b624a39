using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>
/// Where each mirror lies: <c>mirrors/NAME-HASH/HASH.git</c>, the second hash being the URL's, so that a changed URL is
/// a new mirror and never mixes two histories.
/// </summary>
internal sealed class MirrorFolders
{
    private const int ReadableLength = 48;
    private readonly ConcurrentDictionary<string, Mirror> _mirrors = new(StringComparer.Ordinal);

    /// <summary>As they were asked for: a folder's name takes two hashes.</summary>
    private readonly ConcurrentDictionary<(string Name, string Url, bool Shallow), Mirror> _asked = new();
    private readonly string _root;
    private readonly RepositoryPool _pool;

    public MirrorFolders(IOptions<GitOptions> options, RepositoryPool pool)
    {
        _pool = pool;
        var data = Path.GetFullPath(options.Value.DataDirectory);
        _root = Path.Combine(data, "mirrors");
        Incoming = Path.Combine(data, "incoming");
        // Whatever a process that died left there belongs to nobody.
        if (Directory.Exists(Incoming)) Directory.Delete(Incoming, true);
    }

    /// <summary>For packs that are being downloaded.</summary>
    public string Incoming { get; }

    /// <summary>One without history is never made whole: it is a mirror beside the other.</summary>
    public Mirror For(RepositoryAccess repository) => _asked.GetOrAdd((repository.Name, repository.Url, repository.Shallow), static (_, of) => of.Folders.Find(of.Repository), (Folders: this, Repository: repository));

    private Mirror Find(RepositoryAccess repository) =>
        _mirrors.GetOrAdd(Path.Combine(Parent(repository.Name), Hash(repository.Url) + (repository.Shallow ? ".shallow.git" : ".git")), folder => new Mirror(folder, _pool));

    /// <summary>All mirrors that the repository has had, under any URL.</summary>
    public IReadOnlyList<Mirror> Of(string name)
    {
        var parent = Parent(name);
        if (!Directory.Exists(parent)) return [];
        return [.. Directory.EnumerateDirectories(parent, "*.git").Select(folder => _mirrors.GetOrAdd(folder, path => new Mirror(path, _pool)))];
    }

    public void RemoveEmptyParent(string name)
    {
        var parent = Parent(name);
        if (Directory.Exists(parent) && !Directory.EnumerateFileSystemEntries(parent).Any()) Directory.Delete(parent);
    }

    private string Parent(string name)
    {
        var readable = new string([.. name.Take(ReadableLength).Select(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) ? character : '-')]);
        return Path.Combine(_root, $"{readable}-{Hash(name)}");
    }

    private static string Hash(string text) => Digest.Of(text).ToString()[..16];
}
