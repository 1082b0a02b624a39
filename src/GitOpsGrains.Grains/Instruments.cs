using System.Diagnostics.Metrics;

namespace GitOpsGrains.Grains;

/// <summary>What the grains count.</summary>
public static class Instruments
{
    public const string MeterName = "GitOpsGrains";

    private static readonly Meter Meter = new(MeterName);

    public static KeyValuePair<string, object?> Repository(string name) => new("repository", name);

    /// <summary>Objects that were read because their proof had changed.</summary>
    public static Counter<long> Checks { get; } = Meter.CreateCounter<long>("gitopsgrains.drift.checks");

    /// <summary>Sources that were rendered; tag <c>repository</c>.</summary>
    public static Counter<long> Renders { get; } = Meter.CreateCounter<long>("gitopsgrains.renders");

    /// <summary>Applications that a commit was found not to concern; tag <c>repository</c>.</summary>
    public static Counter<long> SpareRenders { get; } = Meter.CreateCounter<long>("gitopsgrains.renders.spared");

    /// <summary>Objects that were put back.</summary>
    public static Counter<long> Heals { get; } = Meter.CreateCounter<long>("gitopsgrains.drift.heals");
}
