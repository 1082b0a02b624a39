using System.Diagnostics.Metrics;

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
        Meter.CreateCounter<long>("gitopsgrains.storage.requests", "{request}", "Reads, writes and clears of records, by store and by the record's name.");

    internal static void Committed(int operations, TimeSpan elapsed)
    {
        CommitSeconds.Record(elapsed.TotalSeconds);
        Operations.Add(operations);
    }

    internal static void ManifestRead() => ManifestReads.Add(1);

    /// <summary>One record was read, written or cleared; a cost where the storage is billed by request.</summary>
    internal static void StateOperation(string store, string operation, string record) =>
        StateOperations.Add(1, new("store", store), new("operation", operation), new("record", record.StartsWith("inventory-", StringComparison.Ordinal) ? "inventory" : record));
}
