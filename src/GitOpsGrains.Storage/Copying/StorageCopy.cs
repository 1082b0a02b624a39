using System.Collections.Concurrent;
using System.Globalization;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Manifests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Copying;

/// <summary>Finds the records of the grains in a storage at rest; some may not be there.</summary>
public delegate IAsyncEnumerable<(string State, GrainId Grain)> RecordList(IGrainStorage storage, CancellationToken cancellationToken);

/// <summary>Looks at the records of a storage at rest: the sentence that stands against taking them, else null.</summary>
public delegate Task<string?> RecordCheck(IGrainStorage storage, CancellationToken cancellationToken);

/// <summary>What was copied; the digest is of all records with their names, and the same at both ends.</summary>
public sealed record CopyResult(long Records, long ManifestRecords, long Reminders, long Bytes, string Digest);

/// <summary>
/// Copies everything from one storage to another, byte for byte, while no silo runs on either: keys, grain state, manifest sets,
/// reminders. A copy that was cut off is begun again by the same command.
/// </summary>
public sealed class StorageCopy : IAsyncDisposable
{
    private const int AtOnce = 16, Window = 256;

    // A silo says every 10 s that it lives: after this time it does not, or the clocks of two machines differ by a minute.
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(90);
    private readonly OpenedStorage _source;
    private readonly OpenedStorage _target;
    private readonly IGrainStorage _sourceState, _sourceManifests, _targetState, _targetManifests;
    private readonly RecordList _list;
    private readonly TimeProvider _time;
    private readonly CopyRetry _retry;

    private StorageCopy(OpenedStorage source, OpenedStorage target, RecordList list, TimeProvider time)
    {
        (_source, _target, _list, _time, _retry) = (source, target, list, time, new CopyRetry(time));
        (_sourceState, _sourceManifests) = (new PatientReads(source.State, _retry), new PatientReads(source.Backend.Manifests, _retry));
        (_targetState, _targetManifests) = (new PatientReads(target.State, _retry), new PatientReads(target.Backend.Manifests, _retry));
    }

    /// <summary>Opens both storages.</summary>
    /// <exception cref="StorageCopyException">A silo runs on one of them.</exception>
    public static async Task<StorageCopy> OpenAsync(
        StorageChoice from, StorageChoice to, StorageIdentity identity, RecordList list, TimeProvider time, CancellationToken cancellationToken)
    {
        if (from.Kind == StorageKind.Embedded && !File.Exists(Path.Combine(from.DataDirectory, "state.db")))
            throw new StorageCopyException($"there is no data in '{from.DataDirectory}'");
        var source = await OpenAsync(from, identity, cancellationToken);
        try
        {
            return new StorageCopy(source, await OpenAsync(to, identity, cancellationToken), list, time);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a storage holds; no silo may run on it.</summary>
    /// <exception cref="StorageCopyException">A copy into it was begun and has not ended.</exception>
    public static async Task<CopyResult> DescribeAsync(StorageChoice choice, StorageIdentity identity, RecordList list, CancellationToken cancellationToken)
    {
        await using var storage = await OpenAsync(choice, identity, cancellationToken);
        await storage.Reminders.StartAsync(cancellationToken);
        if ((await CopyMark.ReadAsync(storage.State, cancellationToken)).RecordExists) throw new StorageCopyException("a copy into this storage was begun and has not ended: it holds a part of the data");
        return Result(
            await DigestAsync(storage.State, list, cancellationToken),
            await DigestAsync(storage.Backend.Manifests, ManifestWalk.ListAsync, cancellationToken),
            DigestOf(await storage.Reminders.ReadRows(0, 0, cancellationToken)));
    }

    /// <summary>Asks a storage at rest.</summary>
    /// <exception cref="StorageCopyException">Something stands against it.</exception>
    public static async Task RequireAsync(StorageChoice choice, StorageIdentity identity, RecordCheck check, CancellationToken cancellationToken)
    {
        await using var storage = await OpenAsync(choice, identity, cancellationToken);
        if (await check(storage.State, cancellationToken) is { } fault) throw new StorageCopyException(fault);
    }

    /// <summary>Copies, reads back, and compares.</summary>
    /// <param name="isLive">Silos may be writing to the source: each record is as it was when it was read.</param>
    /// <exception cref="StorageCopyException">The target has data, a silo is active, a storage does not answer for a minute or refuses, or what arrived differs.</exception>
    public async Task<CopyResult> RunAsync(bool isLive, CancellationToken cancellationToken)
    {
        if (!isLive) await _retry.RunAsync(token => RequireRestAsync(_source, "to copy from", token), cancellationToken);
        await _retry.RunAsync(token => RequireRestAsync(_target, "to copy to", token), cancellationToken);
        await _retry.RunAsync(_source.Reminders.StartAsync, cancellationToken);
        await _retry.RunAsync(_target.Reminders.StartAsync, cancellationToken);
        // What silos write to has no digest that another try could be held against.
        var source = isLive ? "" : await RequireDataAsync(cancellationToken);
        await _retry.RunAsync(token => MarkAsync(source, token), cancellationToken);

        CopyKeys();
        var (state, sentStates) = await CopyAsync(_sourceState, _targetState, _list, isLive, cancellationToken);
        var (manifests, sentManifests) = await CopyAsync(_sourceManifests, _targetManifests, ManifestWalk.ListAsync, isLive, cancellationToken);
        var reminders = await CopyRemindersAsync(cancellationToken);

        Compare("states of grains", state, await DigestAsync(_targetState, sentStates, cancellationToken));
        Compare("records of manifest sets", manifests, await DigestAsync(_targetManifests, sentManifests, cancellationToken));
        Compare("reminders", reminders, DigestOf(await ReadRemindersAsync(_target, cancellationToken)));
        // While the mark stands no silo starts on what it could not read, and the same command goes on when the keys are there.
        await _retry.RunAsync(VerifyKeysAsync, cancellationToken);
        await _retry.RunAsync(UnmarkAsync, cancellationToken);
        return Result(state, manifests, reminders);
    }

    /// <summary>From here on no silo starts on the target.</summary>
    private async Task MarkAsync(string source, CancellationToken cancellationToken)
    {
        var mark = await CopyMark.ReadAsync(_targetState, cancellationToken);
        if (!mark.RecordExists) await RequireEmptyAsync(cancellationToken);
        else if (mark.State!.Source != source) throw new StorageCopyException("a copy of other data into this storage was begun and has not ended; empty it first");
        mark.State = new CopyMark { Source = source };
        await CopyMark.WriteAsync(_targetState, mark, cancellationToken);
    }

    private async Task UnmarkAsync(CancellationToken cancellationToken)
    {
        var mark = await CopyMark.ReadAsync(_targetState, cancellationToken);
        if (mark.RecordExists) await CopyMark.ClearAsync(_targetState, mark, cancellationToken);
    }

    /// <summary>Opens the target's key of manifest sets with the keys that are there now.</summary>
    private async Task VerifyKeysAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ((ManifestStore)_target.Manifests).VerifyKeyRingAsync(cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw new StorageCopyException($"the keys in '{_target.Backend.KeyDirectory}' are not those that the data was stored with; put those there");
        }
    }

    private static CopyResult Result(RecordDigest state, RecordDigest manifests, RecordDigest reminders) =>
        new(state.Count, manifests.Count, reminders.Count, state.Bytes + manifests.Bytes, RecordDigest.Of([state, manifests, reminders]).ToString());

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    private static Task<OpenedStorage> OpenAsync(StorageChoice choice, StorageIdentity identity, CancellationToken cancellationToken) =>
        OpenedStorage.OpenAsync(
            choice, identity.ServiceId, identity.ClusterId,
            services => services.AddSingleton<IGrainStorageSerializer>(provider =>
                new RawRecordSerializer(ActivatorUtilities.CreateInstance<SystemTextJsonGrainStorageSerializer>(provider))),
            cancellationToken);

    /// <summary>The embedded kind is locked by its silo; the others say who lives.</summary>
    private async Task RequireRestAsync(OpenedStorage storage, string what, CancellationToken cancellationToken)
    {
        if (storage.Membership is not { } membership) return;
        await membership.InitializeMembershipTableAsync(true, cancellationToken);
        foreach (var (silo, _) in (await membership.ReadAllAsync(cancellationToken)).Members)
        {
            var seen = new DateTimeOffset(DateTime.SpecifyKind(silo.IAmAliveTime > silo.StartTime ? silo.IAmAliveTime : silo.StartTime, DateTimeKind.Utc));
            var age = _time.GetUtcNow() - seen;
            if (silo.Status != SiloStatus.Dead && age < Alive)
                throw new StorageCopyException(string.Create(CultureInfo.InvariantCulture,
                    $"the silo {silo.SiloName} at {silo.SiloAddress.Endpoint} is {silo.Status} in the storage {what} (seen {age.TotalSeconds:0} s ago); stop it, or, if it was killed, wait {(Alive - age).TotalSeconds:0} s"));
        }
    }

    private async Task<string> RequireDataAsync(CancellationToken cancellationToken)
    {
        var source = await DigestAsync(_sourceState, _list, cancellationToken);
        return source.Count > 0 ? source.ToString() : throw new StorageCopyException("the storage to copy from holds no data of this service");
    }

    private async Task RequireEmptyAsync(CancellationToken cancellationToken)
    {
        var found = (await DigestAsync(_targetState, _list, cancellationToken)).Count
            + (await DigestAsync(_targetManifests, ManifestWalk.ListAsync, cancellationToken)).Count
            + (await ReadRemindersAsync(_target, cancellationToken)).Reminders.Count;
        if (found > 0) throw new StorageCopyException($"the storage to copy to has data already ({found} records); empty it, or choose another");
    }

    /// <summary>What is stored is only readable with the keys that it was stored with.</summary>
    private void CopyKeys()
    {
        var (from, to) = (new DurableKeyRepository(_source.Backend.KeyDirectory), new DurableKeyRepository(_target.Backend.KeyDirectory));
        var there = to.GetAllElements().Select(key => key.Attribute("id")?.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var key in from.GetAllElements())
            if (key.Attribute("id")?.Value is { } id && there.Add(id)) to.StoreElement(key, $"key-{id}");
    }

    /// <summary>What was sent, and the list that finds the same at the other end.</summary>
    private async Task<(RecordDigest Sent, RecordList AtTheOtherEnd)> CopyAsync(IGrainStorage from, IGrainStorage to, RecordList list, bool isLive, CancellationToken cancellationToken)
    {
        var sent = new RecordDigest();
        if (!isLive)
        {
            await EachAsync(from, list, PutAsync, sent, cancellationToken);
            return (sent, list);
        }

        // What names other records is copied after it was listed by, and may name more or fewer by then: those that are named
        // now come too, and what has left since is held against itself.
        var names = new ConcurrentDictionary<(string State, GrainId Grain), bool>();
        await EachAsync(from, list, NoteAsync, sent, cancellationToken);
        for (var before = -1L; before != sent.Count;)
        {
            before = sent.Count;
            await EachAsync(from, (_, token) => list(to, token).Where(record => !names.ContainsKey(record)), NoteAsync, sent, cancellationToken);
        }

        return (sent, (_, _) => names.Keys.ToAsyncEnumerable());

        Task PutAsync(string name, GrainId id, byte[] data, CancellationToken ended) => _retry.RunAsync(token => StorageCopy.PutAsync(to, name, id, data, token), ended);

        async Task NoteAsync(string name, GrainId id, byte[] data, CancellationToken ended)
        {
            await PutAsync(name, id, data, ended);
            names[(name, id)] = true;
        }
    }

    private static async Task<RecordDigest> DigestAsync(IGrainStorage storage, RecordList list, CancellationToken cancellationToken)
    {
        var digest = new RecordDigest();
        await EachAsync(storage, list, (_, _, _, _) => Task.CompletedTask, digest, cancellationToken);
        return digest;
    }

    private static async Task EachAsync(
        IGrainStorage storage, RecordList list, Func<string, GrainId, byte[], CancellationToken, Task> doAsync, RecordDigest digest, CancellationToken cancellationToken)
    {
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await foreach (var window in Windows(list(storage, cancellationToken)))
            await Parallel.ForEachAsync(window, options, async (record, token) =>
            {
                var read = new GrainState<RawRecord>(new RawRecord());
                await storage.ReadStateAsync(record.State, record.Grain, read, token);
                if (!read.RecordExists) return;
                await doAsync(record.State, record.Grain, read.State!.Data, token);
                lock (gate) digest.Add($"{record.Grain} {record.State}", read.State.Data);
            });
    }

    /// <summary>Records of one type of grain together: the list has put first what must be read first.</summary>
    private static async IAsyncEnumerable<List<(string State, GrainId Grain)>> Windows(IAsyncEnumerable<(string State, GrainId Grain)> records)
    {
        var window = new List<(string State, GrainId Grain)>(Window);
        await foreach (var record in records)
        {
            if (window.Count > 0 && window[^1].Grain.Type != record.Grain.Type)
            {
                yield return window;
                window = new List<(string State, GrainId Grain)>(Window);
            }

            window.Add(record);
            if (window.Count < Window) continue;
            yield return window;
            window = new List<(string State, GrainId Grain)>(Window);
        }

        if (window.Count > 0) yield return window;
    }

    /// <summary>An earlier try may have written it.</summary>
    private static async Task PutAsync(IGrainStorage to, string name, GrainId id, byte[] data, CancellationToken cancellationToken)
    {
        var record = new GrainState<RawRecord>(new RawRecord());
        await to.ReadStateAsync(name, id, record, cancellationToken);
        if (record.RecordExists && record.State!.Data.AsSpan().SequenceEqual(data)) return;
        record.State = new RawRecord { Data = data };
        await to.WriteStateAsync(name, id, record, cancellationToken);
    }

    private async Task<RecordDigest> CopyRemindersAsync(CancellationToken cancellationToken)
    {
        var rows = await ReadRemindersAsync(_source, cancellationToken);
        await Parallel.ForEachAsync(rows.Reminders, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (row, token) =>
            await _retry.RunAsync(again => PutReminderAsync(row, again), token));
        return DigestOf(rows);
    }

    private Task<string?> PutReminderAsync(ReminderEntry row, CancellationToken cancellationToken) =>
        _target.Reminders.UpsertRow(new ReminderEntry { GrainId = row.GrainId, ReminderName = row.ReminderName, StartAt = ToMilliseconds(row.StartAt), Period = row.Period }, cancellationToken);

    private async Task<ReminderTableData> ReadRemindersAsync(OpenedStorage storage, CancellationToken cancellationToken)
    {
        ReminderTableData? rows = null;
        await _retry.RunAsync(async token => rows = await storage.Reminders.ReadRows(0, 0, token), cancellationToken);
        return rows!;
    }

    private static RecordDigest DigestOf(ReminderTableData rows)
    {
        var digest = new RecordDigest();
        foreach (var row in rows.Reminders)
            digest.Add($"{row.GrainId} {row.ReminderName}", [.. BitConverter.GetBytes(ToMilliseconds(row.StartAt).Ticks), .. BitConverter.GetBytes(row.Period.Ticks)]);
        return digest;
    }

    // What all reminder tables keep.
    private static DateTime ToMilliseconds(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);

    private static void Compare(string what, RecordDigest sent, RecordDigest arrived)
    {
        if (sent.Count != arrived.Count || sent.ToString() != arrived.ToString())
            throw new StorageCopyException($"the {what} that arrived ({arrived.Count}, {arrived}) are not those that were sent ({sent.Count}, {sent}); run the same copy again");
    }
}
