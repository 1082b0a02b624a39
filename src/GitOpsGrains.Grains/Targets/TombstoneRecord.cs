using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What one operation deleted: the manifests lie in the manifest store, encrypted, for 14 days.</summary>
public sealed class TombstoneRecord
{
    /// <summary>Operations that are remembered.</summary>
    public const int MaxRecords = 20;

    /// <summary>How long the manifest store keeps what nobody renews.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    public string OperationId { get; set; } = "";

    /// <summary>One of <see cref="Engine.Plan.PruneCause"/>.</summary>
    public Engine.Plan.PruneCause Cause { get; set; }

    /// <summary>The commit that was being synced, or was the last one.</summary>
    public string Commit { get; set; } = "";
    public DateTimeOffset At { get; set; }
    public List<TombstonePart> Parts { get; set; } = [];

    /// <summary>Those of the operation last, older and worn-out ones dropped.</summary>
    public static TombstoneRecord Of(List<TombstoneRecord> records, string operation, DateTimeOffset now)
    {
        records.RemoveAll(record => now - record.At > Lifetime);
        if (records.Find(record => record.OperationId == operation) is { } known) return known;
        var record = new TombstoneRecord { OperationId = operation, At = now };
        records.Insert(0, record);
        if (records.Count > MaxRecords) records.RemoveRange(MaxRecords, records.Count - MaxRecords);
        return record;
    }

    /// <summary>The manifests of all parts that are there.</summary>
    /// <param name="load">Reads a part; null when it is gone.</param>
    /// <param name="unreadable">Told of a part that is damaged; the others are read all the same.</param>
    public async Task<IReadOnlyList<ManifestObject>> ReadAsync(Func<TombstonePart, Task<ManifestSet?>> load, Action<InvalidDataException> unreadable)
    {
        var manifests = new Dictionary<ResourceId, ManifestObject>();
        // The newest part comes first: an object that was read twice was deleted as it was last.
        foreach (var part in Parts)
        {
            try
            {
                if (await load(part) is not { } set) continue;
                foreach (var manifest in set.Objects) manifests.TryAdd(manifest.Id, manifest);
            }
            catch (InvalidDataException damaged)
            {
                unreadable(damaged);
            }
        }
        return [.. manifests.Values];
    }
}

/// <summary>One set of manifests in the store.</summary>
public sealed class TombstonePart
{
    public string Key { get; set; } = "";
    public Digest Digest { get; set; }
    public int Objects { get; set; }
}
