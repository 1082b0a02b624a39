using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace GitOpsGrains.Storage;

/// <summary>The metrics of the storage, all of them.</summary>
public static class StorageInstruments
{
    public const string MeterName = "GitOpsGrains.Storage";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<double> CommitSeconds =
        Meter.CreateHistogram<double>("gitopsgrains.storage.commit.duration", "s", "Time of one group commit, with its flush.");
    private static readonly Counter<long> Operations =
        Meter.CreateCounter<long>("gitopsgrains.storage.operations", "{operation}", "Operations made durable.");
    private static readonly Counter<long> ManifestReads =
        Meter.CreateCounter<long>("gitopsgrains.manifests.reads", "{read}", "Reads of manifest sets that the silo had not in memory.");

    private static readonly Counter<long> StateOperations =
        Meter.CreateCounter<long>("gitopsgrains.storage.requests", "{request}", "Reads, writes and clears of records, by store and operation.");

    private static readonly Counter<long> Failures =
        Meter.CreateCounter<long>("gitopsgrains.storage.failures", "{request}", "Requests that the storage did not do, by store and operation; writes that came too late for their etag are none.");
    private static readonly UpDownCounter<long> Waiting = Meter.CreateUpDownCounter<long>("gitopsgrains.queue.waiting", "{job}", "What waits for its turn, by queue.");
    private static readonly KeyValuePair<string, object?> Queue = new("queue", "storage");

    /// <summary>Makes the instruments, so that they are shown before anything is measured.</summary>
    internal static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(StorageInstruments).TypeHandle);

    /// <summary>Reads and writes of the embedded storage that came to their threads' queue, or left it.</summary>
    internal static void Waits(int change) => Waiting.Add(change, Queue);

    internal static void StateFailed(string store, string operation) => Failures.Add(1, new("store", store), new("operation", operation));

    internal static void Committed(int operations, TimeSpan elapsed)
    {
        CommitSeconds.Record(elapsed.TotalSeconds);
        Operations.Add(operations);
    }

    internal static void ManifestRead() => ManifestReads.Add(1);

    /// <summary>One record was read, written or cleared; a cost where the storage is billed by request.</summary>
    internal static void StateOperation(string store, string operation, string record) =>
        StateOperations.Add(1, new("store", store), new("operation", operation), new("record", FamilyOf(record)));

    /// <summary>Of numbered records ("inventory-3") the name without the number: metrics have a closed list of series.</summary>
    private static string FamilyOf(string record) =>
        record.LastIndexOf('-') is > 0 and var dash && record.AsSpan(dash + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? record[..dash] : record;
}
