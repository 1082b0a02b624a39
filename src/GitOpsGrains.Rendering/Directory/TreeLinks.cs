using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Rendering.Directory;

/// <summary>
/// Follows symbolic links within one tree and never out of it, so that the tree's id alone says what they lead to. Pure.
/// </summary>
internal sealed class TreeLinks
{
    private const int MaxLinks = 40;
    private readonly Dictionary<string, TreeEntry> _files;
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal) { "" };
    private readonly IReadOnlyDictionary<string, string> _targets;

    /// <param name="entries">All files of the tree.</param>
    /// <param name="targets">Where the links point, by the links' blob ids.</param>
    public TreeLinks(IReadOnlyList<TreeEntry> entries, IReadOnlyDictionary<string, string> targets)
    {
        _files = entries.ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        _targets = targets;
        foreach (var entry in entries)
            for (var slash = entry.Path.IndexOf('/'); slash >= 0; slash = entry.Path.IndexOf('/', slash + 1))
                _folders.Add(entry.Path[..slash]);
    }

    /// <returns>The blob behind the link, nothing if it is a directory, or why it can't be followed.</returns>
    public (TreeEntry? Blob, string? Fault) Follow(TreeEntry link)
    {
        var open = new Stack<string>(link.Path.Split('/').Reverse());
        var at = new List<string>();
        var links = 0;
        while (open.TryPop(out var segment))
        {
            if (segment is "" or ".") continue;
            if (segment == "..")
            {
                if (at.Count == 0) return (null, "the symbolic link leaves the source's path");
                at.RemoveAt(at.Count - 1);
                continue;
            }
            at.Add(segment);
            var path = string.Join('/', at);
            if (_folders.Contains(path)) continue;
            if (!_files.TryGetValue(path, out var entry)) return (null, "the symbolic link leads to nothing");
            if (entry.Kind != TreeEntryKind.SymbolicLink)
            {
                return open.Count == 0 && entry.Kind == TreeEntryKind.Blob
                    ? (entry, null)
                    : (null, "the symbolic link leads to nothing that can be read");
            }
            if (++links > MaxLinks) return (null, "the symbolic link leads in circles");
            var target = _targets[entry.Id];
            if (target.StartsWith('/')) return (null, "the symbolic link is absolute");
            at.RemoveAt(at.Count - 1);
            foreach (var part in target.Split('/').Reverse()) open.Push(part);
        }
        return (null, null);
    }
}
