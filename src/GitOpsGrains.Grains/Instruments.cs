using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace GitOpsGrains.Grains;

/// <summary>What the grains count.</summary>
public static class Instruments
{
    public const string MeterName = "GitOpsGrains";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Makes the instruments, so that they are shown before anything is measured.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(Instruments).TypeHandle);

    public static KeyValuePair<string, object?> Repository(string name) => new("repository", name);

    /// <summary>Objects that were read because their proof had changed.</summary>
    public static Counter<long> Checks { get; } = Meter.CreateCounter<long>("gitopsgrains.drift.checks", "{object}", "Objects that were read because their proof had changed.");

    /// <summary>Sources that were rendered; tag <c>repository</c>, which is not exported.</summary>
    public static Counter<long> Renders { get; } = Meter.CreateCounter<long>("gitopsgrains.renders", "{render}", "Renders that were begun.");

    /// <summary>Applications that a commit was found not to concern; tag <c>repository</c>, which is not exported.</summary>
    public static Counter<long> SpareRenders { get; } = Meter.CreateCounter<long>("gitopsgrains.renders.spared", "{render}", "Applications that a commit was found not to concern.");

    /// <summary>Objects that were put back.</summary>
    public static Counter<long> Heals { get; } = Meter.CreateCounter<long>("gitopsgrains.drift.heals", "{object}", "Repairs of objects that others had changed.");

    /// <summary>Tag <c>outcome</c>: Done, Faulty (the repository's fault), GitFailed, Broken (a fault of the program).</summary>
    public static Histogram<double> RenderDuration { get; } = Meter.CreateHistogram<double>("gitopsgrains.render.duration", "s", "Time of renders, by outcome.");

    /// <summary>Targets whose grains are here; tag <c>sync</c>.</summary>
    public static UpDownCounter<long> Targets { get; } = Meter.CreateUpDownCounter<long>("gitopsgrains.targets", "{target}", "Targets that this silo serves, by sync status.");

    public static UpDownCounter<long> PrunesHeld { get; } = Meter.CreateUpDownCounter<long>("gitopsgrains.prunes.held", "{object}", "Objects of this silo's targets whose deletion waits for approval.");

    private static Counter<long> Syncs { get; } = Meter.CreateCounter<long>("gitopsgrains.syncs", "{sync}", "Syncs that ended, by the result that their history says.");

    private static Histogram<double> SyncDuration { get; } = Meter.CreateHistogram<double>("gitopsgrains.sync.duration", "s", "Time of syncs from their begin to their end, tries and the wait for health included.");

    public static void SyncEnded(string result, TimeSpan elapsed)
    {
        Syncs.Add(1, new KeyValuePair<string, object?>("result", result));
        SyncDuration.Record(elapsed.TotalSeconds);
    }
}
