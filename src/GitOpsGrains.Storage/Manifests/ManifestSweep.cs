namespace GitOpsGrains.Storage.Manifests;

/// <summary>Removes what nobody needs: blobs unrenewed since a time, and the pieces of attempts that never became a blob.</summary>
internal sealed class ManifestSweep(ManifestRecordStore records, ManifestCatalog catalog, TimeProvider time)
{
    private const int ParallelReads = 16;

    /// <summary>How many blobs went, and what was in the way of sweeping partitions: one that can't be read does not keep the others from being swept.</summary>
    public async Task<(int Removed, IReadOnlyList<Exception> Failures)> RunAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = 0;
        var failures = new List<Exception>();
        for (var partition = 0; partition < ManifestCatalog.Partitions; partition++)
        {
            try
            {
                await catalog.SweepAsync(
                    partition,
                    async entries =>
                    {
                        var outcome = await JudgeAsync(entries, before, cancellationToken);
                        removed += outcome.Removed;
                        return outcome.Refused;
                    },
                    cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(failure);
            }
        }

        return (removed, failures);
    }

    private async Task<(HashSet<CatalogEntry> Refused, int Removed)> JudgeAsync(
        IReadOnlyList<CatalogEntry> entries, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var refused = new HashSet<CatalogEntry>(ReferenceEqualityComparer.Instance);
        var removed = 0;
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelReads, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(entries.Where(entry => entry.BegunAt < before), options, async (entry, token) =>
        {
            var verdict = await JudgeAsync(entry, before, token);
            if (verdict == Verdict.Keep) return;
            await records.RemoveChunksAsync(entry.Key, entry.Attempt, entry.Chunks, token);
            lock (gate)
            {
                refused.Add(entry);
                if (verdict == Verdict.Blob) removed++;
            }
        });
        return (refused, removed);
    }

    /// <summary>A blob's index goes first, under etag: whoever renews it in between keeps it.</summary>
    private async Task<Verdict> JudgeAsync(CatalogEntry entry, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var index = await records.ReadIndexAsync(entry.Key, cancellationToken);
        if (!index.RecordExists || index.Value.Attempt != entry.Attempt)
            return entry.BegunAt < time.GetUtcNow() - ManifestStore.AttemptGrace ? Verdict.Orphan : Verdict.Keep;
        if (index.Value.RenewedAt + ManifestStore.RenewalGranularity >= before) return Verdict.Keep;
        if (!await records.TryRemoveIndexAsync(entry.Key, index, cancellationToken)) return Verdict.Keep;
        return Verdict.Blob;
    }

    private enum Verdict { Keep, Blob, Orphan }
}
