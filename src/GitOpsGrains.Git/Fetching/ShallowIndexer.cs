using GitOpsGrains.Git.Mirrors;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Fetching;

/// <summary>
/// Indexes a pack for a mirror without history. libgit2 would walk the history of all refs first, which is not there: so it is
/// done in a repository without refs that borrows the mirror's objects, and the finished pack is moved over.
/// </summary>
internal static class ShallowIndexer
{
    /// <param name="incoming">A folder on the mirror's disk.</param>
    public static void Index(Mirror mirror, string incoming, IReadOnlyDictionary<string, string> refs, Stream pack)
    {
        var aside = Path.Combine(incoming, Guid.NewGuid().ToString("N") + ".git");
        try
        {
            Repository.Init(aside, isBare: true);
            Directory.CreateDirectory(Path.Combine(aside, "objects", "info"));
            File.WriteAllText(Path.Combine(aside, "objects", "info", "alternates"), Path.Combine(mirror.Folder, "objects") + "\n");
            using (var repository = new Repository(aside)) PackFeed.Index(repository, refs, pack);
            Move(Path.Combine(aside, "objects", "pack"), Path.Combine(mirror.Folder, "objects", "pack"));
        }
        finally
        {
            if (Directory.Exists(aside)) Directory.Delete(aside, true);
        }
        mirror.CloseAll();
    }

    private static void Move(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var index in Directory.GetFiles(from, "*.idx"))
        {
            var (pack, name) = (Path.ChangeExtension(index, ".pack"), Path.GetFileNameWithoutExtension(index));
            // The index last: a pack without one is not looked at. One of that name has the same content.
            File.Move(pack, Path.Combine(to, name + ".pack"), overwrite: true);
            File.Move(index, Path.Combine(to, name + ".idx"), overwrite: true);
        }
    }
}
