namespace GitOpsGrains.Storage.Manifests;

/// <summary>
/// One partition of the list of attempts: pages of at most 16 entries, appended to under etag (each append writes the page anew). Entries that come while
/// a page is being written go together into the next writing.
/// </summary>
internal sealed class CatalogPartition(int number, ManifestRecordStore records)
{
    public const int PageSize = 16;
    private const int MaxTries = 20;
    private readonly Lock _gate = new();
    private readonly List<(CatalogEntry Entry, TaskCompletionSource Done)> _pending = [];
    private bool _draining;
    private ManifestRecord<CatalogHead>? _head;
    private ManifestRecord<CatalogPage>? _tail;

    /// <summary>Completes when the entry is durable.</summary>
    public Task AppendAsync(CatalogEntry entry)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _pending.Add((entry, done));
            if (_draining) return done.Task;
            _draining = true;
        }

        _ = Task.Run(DrainAsync);
        return done.Task;
    }

    private async Task DrainAsync()
    {
        while (TakePending() is { Count: > 0 } batch)
        {
            try
            {
                await AppendAsync(new Queue<CatalogEntry>(batch.Select(item => item.Entry)));
                foreach (var (_, done) in batch) done.TrySetResult();
            }
            catch (Exception exception)
            {
                (_head, _tail) = (null, null);
                foreach (var (_, done) in batch) done.TrySetException(exception);
            }
        }
    }

    private List<(CatalogEntry Entry, TaskCompletionSource Done)> TakePending()
    {
        lock (_gate)
        {
            var batch = _pending.Take(PageSize).ToList();
            _pending.RemoveRange(0, batch.Count);
            _draining = batch.Count > 0;
            return batch;
        }
    }

    private async Task AppendAsync(Queue<CatalogEntry> entries)
    {
        for (var tries = 0; entries.Count > 0; tries++)
        {
            if (tries > MaxTries)
                throw new IOException($"the catalog partition {number} of the manifest store is being written by too many at once");
            if (_head is null || _tail is null) await ReadTailAsync();
            if (_tail!.Value.Entries.Count >= PageSize)
            {
                await TurnPageAsync();
                continue;
            }

            if (await AppendToTailAsync(entries))
            {
                tries = -1;
                continue;
            }

            (_head, _tail) = (null, null);
            // Other silos append to the same page: give way for a moment of real time.
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10 << Math.Min(tries, 6))), TimeProvider.System);
        }
    }

    private async Task<bool> AppendToTailAsync(Queue<CatalogEntry> entries)
    {
        var page = _tail!.Value.Entries;
        List<CatalogEntry> added = [.. entries.Take(PageSize - page.Count)];
        page.AddRange(added);
        if (!await records.TryWritePageAsync(number, _head!.Value.LastPage, _tail, CancellationToken.None)) return false;
        foreach (var _ in added) entries.Dequeue();
        return true;
    }

    private async Task ReadTailAsync()
    {
        var head = await records.ReadHeadAsync(number, CancellationToken.None);
        var tail = await records.ReadPageAsync(number, head.Value.LastPage, CancellationToken.None);
        if (!tail.RecordExists)
        {
            // Absent because it is new, unless it was turned, emptied and removed between the two reads.
            var again = await records.ReadHeadAsync(number, CancellationToken.None);
            if (again.Value.LastPage != head.Value.LastPage)
            {
                head = again;
                tail = await records.ReadPageAsync(number, head.Value.LastPage, CancellationToken.None);
            }
        }

        (_head, _tail) = (head, tail);
    }

    /// <summary>The head moves first: a page it names may be absent, but no entry stands on a page beyond it.</summary>
    private async Task TurnPageAsync()
    {
        _head!.Value.LastPage++;
        if (await records.TryWriteHeadAsync(number, _head, CancellationToken.None))
            _tail = await records.ReadPageAsync(number, _head.Value.LastPage, CancellationToken.None);
        else
            (_head, _tail) = (null, null);
    }
}
