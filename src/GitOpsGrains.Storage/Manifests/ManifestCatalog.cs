using System.Globalization;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>Lists all attempts at storing blobs, in 64 partitions, for storage providers that can't list by themselves.</summary>
internal sealed class ManifestCatalog(ManifestRecordStore records)
{
    public const int Partitions = 64;
    private const int MaxTries = 8;

    private readonly CatalogPartition[] _partitions =
        [.. Enumerable.Range(0, Partitions).Select(number => new CatalogPartition(number, records))];

    public Task AppendAsync(CatalogEntry entry) => _partitions[PartitionOf(entry.Key)].AppendAsync(entry);

    /// <summary>
    /// Shows the entries of a partition, page by page, and drops those that <paramref name="refusedAsync"/> returns. Pages
    /// that become empty are removed, nearly empty ones move to the end.
    /// </summary>
    public async Task SweepAsync(
        int partition, Func<IReadOnlyList<CatalogEntry>, Task<IReadOnlySet<CatalogEntry>>> refusedAsync, CancellationToken cancellationToken)
    {
        var head = await records.ReadHeadAsync(partition, cancellationToken);
        for (var number = head.Value.FirstPage; number <= head.Value.LastPage; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await records.ReadPageAsync(partition, number, cancellationToken);
            if (!page.RecordExists) continue;
            var refused = await refusedAsync(page.Value.Entries);
            await RewriteAsync(partition, number, isLast: number == head.Value.LastPage, page, refused, cancellationToken);
        }

        await AdvanceAsync(partition, cancellationToken);
    }

    private async Task RewriteAsync(
        int partition, int number, bool isLast, ManifestRecord<CatalogPage> page, IReadOnlySet<CatalogEntry> refused,
        CancellationToken cancellationToken)
    {
        var gone = refused.Select(entry => (entry.Key, entry.Attempt)).ToHashSet();
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var kept = page.Value.Entries.Where(entry => !gone.Contains((entry.Key, entry.Attempt))).ToList();
            var isSparse = !isLast && kept.Count <= CatalogPartition.PageSize / 4;
            if (!isSparse && kept.Count == page.Value.Entries.Count) return;
            if (isSparse) await Task.WhenAll(kept.Select(AppendAsync));
            page.Value.Entries = kept;
            var done = isSparse
                ? await records.TryRemovePageAsync(partition, number, page, cancellationToken)
                : await records.TryWritePageAsync(partition, number, page, cancellationToken);
            if (done) return;
            page = await records.ReadPageAsync(partition, number, cancellationToken);
            if (!page.RecordExists) return;
        }

        // Too busy a page: its refused entries name nothing any more, and the next sweep drops them.
    }

    private async Task AdvanceAsync(int partition, CancellationToken cancellationToken)
    {
        var head = await records.ReadHeadAsync(partition, cancellationToken);
        var first = head.Value.FirstPage;
        while (first < head.Value.LastPage && !(await records.ReadPageAsync(partition, first, cancellationToken)).RecordExists) first++;
        if (first == head.Value.FirstPage) return;
        head.Value.FirstPage = first;
        await records.TryWriteHeadAsync(partition, head, cancellationToken);
    }

    internal static int PartitionOf(string key) =>
        int.Parse(key.AsSpan(0, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) % Partitions;
}
