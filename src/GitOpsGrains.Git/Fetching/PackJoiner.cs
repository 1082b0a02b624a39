using System.Buffers.Binary;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Fetching;

/// <summary>
/// Each fetch adds a small pack, and each lookup searches all of them. Joins the small ones when they are many; a large
/// one (the first fetch's) stays as it is, so the work follows what was added since.
/// </summary>
internal static class PackJoiner
{
    private const long SmallBytes = 4 * 1024 * 1024;
    private const int IndexHeader = 8;
    private const int FanOutEntries = 256;
    private const int IdBytes = 20;

    public static bool HasMany(string mirror, int maxPacks) => PacksOf(mirror).Length >= maxPacks;

    /// <summary>Whether packs were joined; who has the mirror open should open it anew.</summary>
    public static bool Join(string mirror)
    {
        var folder = FolderOf(mirror);
        var packs = PacksOf(mirror);
        var small = packs.Where(pack => new FileInfo(pack).Length <= SmallBytes).ToList();
        if (small.Count < 2) return false;
        using (var repository = new Repository(mirror))
        {
            repository.ObjectDatabase.Pack(new PackBuilderOptions(folder), builder =>
            {
                foreach (var id in small.SelectMany(pack => ObjectIds(Path.ChangeExtension(pack, ".idx"))).ToHashSet()) builder.Add(id);
            });
        }
        // A pack is named by its content. One that was there before may hold all of the others.
        var joined = Directory.GetFiles(folder, "*.pack").Except(packs, StringComparer.Ordinal).ToList();
        if (joined.Count == 0) return false;
        foreach (var pack in small)
        {
            // The index first: a pack without one is not looked at.
            File.Delete(Path.ChangeExtension(pack, ".idx"));
            File.Delete(pack);
        }
        return true;
    }

    private static string FolderOf(string mirror) => Path.Combine(mirror, "objects", "pack");

    private static string[] PacksOf(string mirror) => Directory.Exists(FolderOf(mirror)) ? Directory.GetFiles(FolderOf(mirror), "*.pack") : [];

    /// <summary>A pack index of version 2: header, 256 counts, then all ids in order.</summary>
    private static List<ObjectId> ObjectIds(string index)
    {
        var bytes = File.ReadAllBytes(index);
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(IndexHeader + (FanOutEntries - 1) * sizeof(int)));
        var ids = bytes.AsSpan(IndexHeader + FanOutEntries * sizeof(int), count * IdBytes);
        var list = new List<ObjectId>(count);
        for (var at = 0; at < ids.Length; at += IdBytes) list.Add(new ObjectId(ids.Slice(at, IdBytes).ToArray()));
        return list;
    }
}
