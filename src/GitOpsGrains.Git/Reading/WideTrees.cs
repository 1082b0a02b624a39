using System.Collections.Concurrent;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Reading;

/// <summary>
/// Remembers the entries of wide directories by name: a repository with a thousand applications side by side is asked for each
/// of them, and libgit2 would read and take apart the whole directory every time. Trees never change, so nothing goes stale.
/// </summary>
internal sealed class WideTrees
{
    private const int Wide = 64;
    private const int MaxEntries = 500_000;

    private readonly ConcurrentDictionary<ObjectId, IReadOnlyDictionary<string, Slot>> _known = new();
    private int _entries;

    /// <param name="Mode">As the tree says it.</param>
    internal readonly record struct Slot(Mode Mode, ObjectId Id);

    /// <summary>Null when the tree has no such entry.</summary>
    public Slot? Find(Repository repository, ObjectId tree, string name)
    {
        if (_known.TryGetValue(tree, out var slots)) return slots.TryGetValue(name, out var slot) ? slot : null;
        var read = TreeEntries.Read(repository, tree);
        if (read.Count >= Wide) Remember(tree, read);
        return read[name] is { } entry ? new Slot(entry.Mode, entry.Target.Id) : null;
    }

    private void Remember(ObjectId id, Tree tree)
    {
        var slots = new Dictionary<string, Slot>(tree.Count, StringComparer.Ordinal);
        foreach (var entry in tree) slots.TryAdd(entry.Name, new Slot(entry.Mode, entry.Target.Id));
        // All at once: commits replace the trees that are asked for, and the old ones are asked for no more.
        if (Interlocked.Add(ref _entries, slots.Count) > MaxEntries)
        {
            _known.Clear();
            Interlocked.Exchange(ref _entries, slots.Count);
        }
        _known[id] = slots;
    }
}
