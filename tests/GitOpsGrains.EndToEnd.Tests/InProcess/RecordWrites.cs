using System.Collections.Concurrent;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>Counts the records of grain state that a host writes, by grain and by the name of the state, and can have writes fail.</summary>
public sealed class RecordWrites
{
    // Three seconds: proofs are stored two seconds behind.
    private const int LooksAlike = 150;

    /// <summary>Says of the key of a grain and the name of its state how the write that begins ends. Default: as the storage says.</summary>
    public Func<string, string, RecordFault>? Faults { get; set; }

    /// <summary>Awaited before the write of a record, by the key of the grain and the name of its state. Default: nothing.</summary>
    public Func<string, string, Task>? Before { get; set; }

    private readonly ConcurrentDictionary<(string Grain, string State), int> _counts = [];

    /// <summary>Written until now for grains whose key has this in it, by the name of the state, for example "target": 2.</summary>
    public IReadOnlyDictionary<string, int> Of(string part) => _counts.Where(count => count.Key.Grain.Contains(part, StringComparison.Ordinal))
        .GroupBy(count => count.Key.State).ToDictionary(state => state.Key, state => state.Sum(count => count.Value), StringComparer.Ordinal);

    /// <summary>The same, when a count has stood for a while: what is written behind an answer has been written.</summary>
    public async Task<IReadOnlyDictionary<string, int>> SettledAsync(string part)
    {
        var (last, same) = (Of(part), 0);
        await Eventually.TrueAsync(() =>
        {
            var now = Of(part);
            (last, same) = (now, now.OrderBy(state => state.Key).SequenceEqual(last.OrderBy(state => state.Key)) ? same + 1 : 0);
            return same > LooksAlike;
        }, $"the writes of {part} ended");
        return last;
    }

    /// <summary>Stands before each storage of grain state that is registered, and before the reminders, whose faults have "reminder" as the name of the state.</summary>
    public void Watch(IServiceCollection services)
    {
        foreach (var found in services.Where(service => service.ServiceType == typeof(IGrainStorage) && service is { IsKeyedService: true, KeyedImplementationFactory: not null }).ToArray())
        {
            services.Remove(found);
            services.AddKeyedSingleton<IGrainStorage>(found.ServiceKey, (provider, key) => new Counting((IGrainStorage)found.KeyedImplementationFactory!(provider, key), this));
        }
        var reminders = services.Last(service => service.ServiceType == typeof(IReminderTable) && service.ImplementationFactory is not null);
        services.Remove(reminders);
        services.AddSingleton<IReminderTable>(provider => new FailingReminders((IReminderTable)reminders.ImplementationFactory!(provider), this));
    }

    private sealed class FailingReminders(IReminderTable inner, RecordWrites writes) : IReminderTable
    {
        public Task<ReminderTableData> ReadRows(GrainId grainId) => inner.ReadRows(grainId);
        public Task<ReminderTableData> ReadRows(uint begin, uint end) => inner.ReadRows(begin, end);
        public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => inner.ReadRow(grainId, reminderName);
        public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => inner.RemoveRow(grainId, reminderName, eTag);
        public Task TestOnlyClearTable() => inner.TestOnlyClearTable();

        // As the clients of real tables: no exception of ours.
        public Task<string?> UpsertRow(ReminderEntry entry) =>
            writes.Faults?.Invoke(entry.GrainId.Key.ToString()!, "reminder") == RecordFault.Refused ? throw new InvalidDataException("refused by the test") : inner.UpsertRow(entry);
    }

    private sealed class Counting(IGrainStorage inner, RecordWrites writes) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var grain = grainId.Key.ToString()!;
            if (writes.Before is { } before) await before(grain, stateName);
            var fault = writes.Faults?.Invoke(grain, stateName) ?? RecordFault.None;
            if (fault == RecordFault.Refused) throw new StorageFailedException("refused by the test", new IOException());
            // The caller must not learn the new etag.
            var written = fault == RecordFault.Unanswered ? new GrainState<T> { State = grainState.State, ETag = grainState.ETag, RecordExists = grainState.RecordExists } : grainState;
            await inner.WriteStateAsync(stateName, grainId, written);
            writes._counts.AddOrUpdate((grain, stateName), 1, (_, count) => count + 1);
            if (fault == RecordFault.Unanswered) throw new StorageFailedException("written, and the test has lost the answer", new IOException());
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);
    }
}

/// <summary>How the write of a record ends.</summary>
public enum RecordFault
{
    None,

    /// <summary>Nothing is written.</summary>
    Refused,

    /// <summary>It is written, and whoever wrote it does not learn that.</summary>
    Unanswered,
}
