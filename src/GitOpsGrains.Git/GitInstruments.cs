using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace GitOpsGrains.Git;

/// <summary>All metrics of this project.</summary>
internal static class GitInstruments
{
    public const string MeterName = "GitOpsGrains.Git";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "gitopsgrains.git.operation.duration", "s", "Time of calls to mirrors, by operation and outcome (Done, Cancelled, or the kind of error).");

    private static readonly UpDownCounter<long> Waiting = Meter.CreateUpDownCounter<long>("gitopsgrains.queue.waiting", "{job}", "What waits for its turn, by queue.");

    /// <summary>Makes the instruments, so that they are shown before anything is measured.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(GitInstruments).TypeHandle);

    /// <summary>Jobs that came to a queue of native calls, or left it.</summary>
    public static void Waits(string queue, int change) => Waiting.Add(change, new KeyValuePair<string, object?>("queue", queue));

    /// <summary>No repository's name is a tag: there may be thousands.</summary>
    public static void Record(string operation, string outcome, TimeSpan elapsed) =>
        Duration.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("outcome", outcome));
}
