using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Reading;

/// <summary>
/// What was read of commits and trees in the last minute: all applications of a repository ask for a new commit at once, and each
/// of them several times. Neither ever changes, so nothing goes stale; all is forgotten together.
/// </summary>
internal sealed class RecentReads : IDisposable
{
    private const int MostAnswers = 100_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Mirror, string Commit, string Path), TreeEntry> _paths = new();
    private readonly ConcurrentDictionary<(string Mirror, string Commit, string Path), bool> _links = new();
    private readonly ConcurrentDictionary<(string Mirror, string Tree, bool Recurse), IReadOnlyList<TreeEntry>> _files = new();
    private readonly ITimer _end;
    private int _kept;

    public RecentReads(TimeProvider time) => _end = time.CreateTimer(_ => Forget(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public TreeEntry? FindPath(string mirror, string commit, string path) => _paths.GetValueOrDefault((mirror, commit, path));

    public TreeEntry KeepPath(string mirror, string commit, string path, TreeEntry entry)
    {
        Count(1);
        return _paths[(mirror, commit, path)] = entry;
    }

    /// <summary>Whether a link is on the way to any of the paths; null when that is not known of all of them.</summary>
    public bool? FindLinked(string mirror, string commit, IReadOnlyList<string> paths)
    {
        var any = false;
        foreach (var path in paths)
        {
            if (!_links.TryGetValue((mirror, commit, path), out var linked)) return null;
            any |= linked;
        }
        return any;
    }

    public void KeepLinked(string mirror, string commit, string path, bool isLinked)
    {
        Count(1);
        _links[(mirror, commit, path)] = isLinked;
    }

    public IReadOnlyList<TreeEntry>? FindFiles(string mirror, string tree, bool recurse) => _files.GetValueOrDefault((mirror, tree, recurse));

    public void KeepFiles(string mirror, string tree, bool recurse, IReadOnlyList<TreeEntry> files)
    {
        Count(files.Count + 1);
        _files[(mirror, tree, recurse)] = files;
    }

    public void Forget()
    {
        _paths.Clear();
        _links.Clear();
        _files.Clear();
        Interlocked.Exchange(ref _kept, 0);
    }

    public void Dispose() => _end.Dispose();

    private void Count(int answers)
    {
        var kept = Interlocked.Add(ref _kept, answers);
        if (kept > MostAnswers) Forget();
        else if (kept == answers) _end.Change(KeptFor, Timeout.InfiniteTimeSpan);
    }
}
