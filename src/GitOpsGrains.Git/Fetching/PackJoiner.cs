using System.Buffers.Binary;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Fetching;

/// <summary>
/// Each fetch adds a small pack, and each lookup searches all of them. Joins the small ones when they are many; a large
/// one (the first fetch's) stays as it is, so the work follows what was added since. So does one with an object that is large
/// when it is unpacked: objects are joined in memory, and three megabytes may be three gigabytes of zeros.
/// </summary>
internal static class PackJoiner
{
    private const long SmallBytes = 4 * 1024 * 1024;
    private const long LargestObject = 16 * 1024 * 1024;
    private const long LargestJoin = 256 * 1024 * 1024;
    private const int IndexHeader = 8;
    private const int FanOutEntries = 256;
    private const int IdBytes = 20;

    public static bool HasMany(string mirror, int maxPacks) => PacksOf(mirror).Length >= maxPacks;

    /// <summary>Whether packs were joined; who has the mirror open should open it anew.</summary>
    public static bool Join(string mirror)
    {
        var folder = FolderOf(mirror);
        var packs = PacksOf(mirror);
        var small = new List<string>();
        using (var repository = new Repository(mirror))
        {
            var ids = new HashSet<ObjectId>();
            var left = LargestJoin;
            foreach (var pack in packs.Where(pack => new FileInfo(pack).Length <= SmallBytes))
            {
                var held = ObjectIds(Path.ChangeExtension(pack, ".idx"));
                if (SizeOf(repository, held) is not { } size || size > left) continue;
                left -= size;
                small.Add(pack);
                ids.UnionWith(held);
            }
            if (small.Count < 2) return false;
            repository.ObjectDatabase.Pack(new PackBuilderOptions(folder), builder =>
            {
                foreach (var id in ids) builder.Add(id);
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

    /// <summary>Of all of them, unpacked; null when one is too large.</summary>
    private static long? SizeOf(Repository repository, List<ObjectId> ids)
    {
        var sum = 0L;
        foreach (var id in ids)
        {
            var size = repository.ObjectDatabase.RetrieveObjectMetadata(id).Size;
            if (size > LargestObject) return null;
            sum += size;
        }
        return sum;
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
