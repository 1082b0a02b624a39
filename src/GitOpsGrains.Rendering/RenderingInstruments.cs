using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace GitOpsGrains.Rendering;

/// <summary>All metrics of this project.</summary>
internal static class RenderingInstruments
{
    public const string MeterName = "GitOpsGrains.Rendering";

    private static readonly Meter Meter = new(MeterName);
    private static readonly UpDownCounter<long> Waiting = Meter.CreateUpDownCounter<long>("gitopsgrains.queue.waiting", "{job}", "What waits for its turn, by queue.");
    private static readonly KeyValuePair<string, object?> Queue = new("queue", "tools");

    /// <summary>Makes the instruments, so that they are shown before anything is measured.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(RenderingInstruments).TypeHandle);

    /// <summary>Runs of tools that wait for one before them to end.</summary>
    public static void Waits(int change) => Waiting.Add(change, Queue);
}
