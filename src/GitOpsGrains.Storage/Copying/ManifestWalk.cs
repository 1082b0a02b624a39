using System.Runtime.CompilerServices;
using GitOpsGrains.Storage.Manifests;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Copying;

/// <summary>All records of the manifest store, by its catalog: pages, then indexes, then the pieces that they name.</summary>
internal static class ManifestWalk
{
    /// <summary>Names of records, each once; some may not be there. The storage must be at rest.</summary>
    public static async IAsyncEnumerable<(string State, GrainId Grain)> ListAsync(IGrainStorage storage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var records = new ManifestRecordStore(storage);
        yield return ManifestRecordStore.DigestKeyRecord;
        for (var partition = 0; partition < ManifestCatalog.Partitions; partition++)
        {
            yield return ManifestRecordStore.HeadRecord(partition);
            var head = await records.ReadHeadAsync(partition, cancellationToken);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var number = head.Value.FirstPage; ; number++)
            {
                var page = await records.ReadPageAsync(partition, number, cancellationToken);
                // Pages right after the last one that the head names may be there too.
                if (!page.RecordExists && number > head.Value.LastPage) break;
                if (!page.RecordExists) continue;
                yield return ManifestRecordStore.PageRecord(partition, number);
                foreach (var key in page.Value.Entries.Select(entry => entry.Key))
                    if (seen.Add(key))
                        await foreach (var record in OfBlobAsync(records, key, cancellationToken)) yield return record;
            }
        }
    }

    private static async IAsyncEnumerable<(string State, GrainId Grain)> OfBlobAsync(
        ManifestRecordStore records, string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var index = await records.ReadIndexAsync(key, cancellationToken);
        if (!index.RecordExists) yield break;
        // The pieces before the index: a blob exists when its index does.
        for (var number = 0; number < index.Value.Chunks; number++) yield return ManifestRecordStore.ChunkRecord(key, index.Value.Attempt, number);
        yield return ManifestRecordStore.IndexRecord(key);
    }
}
