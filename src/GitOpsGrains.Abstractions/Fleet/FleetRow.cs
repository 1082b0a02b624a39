using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Abstractions.Fleet;

/// <summary>What lists ask about one application; the rest is read from the application itself.</summary>
[GenerateSerializer, Immutable, Alias("gog.FleetRow")]
public sealed record FleetRow
{
    /// <summary>project/name.</summary>
    [Id(0)] public string Application { get; init; } = "";

    /// <summary>Grows with each row of an activation; of two activations it says something only while all clocks agree.</summary>
    [Id(1)] public long Version { get; init; }
    [Id(2)] public SyncStatus Sync { get; init; }
    [Id(3)] public HealthStatus Health { get; init; }
    [Id(4)] public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
    [Id(5)] public IReadOnlyList<string> Clusters { get; init; } = [];

    /// <summary>The application is gone.</summary>
    [Id(6)] public bool Deleted { get; init; }

    /// <summary>Which activation of the application wrote it; empty from silos that do not say so.</summary>
    [Id(7)] public Guid Activation { get; init; }

    /// <summary>Says the same, at whatever version.</summary>
    public bool SameAs(FleetRow other) => Sync == other.Sync && Health == other.Health && Deleted == other.Deleted && Clusters.SequenceEqual(other.Clusters)
        && Labels.Count == other.Labels.Count && Labels.All(label => other.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
