namespace GitOpsGrains.Documents.Rest;

/// <summary>One application on one cluster. Lists of targets leave <see cref="Objects"/> out.</summary>
public sealed record TargetView
{
    public string Cluster { get; init; } = "";
    /// <summary>Synced, OutOfSync or Unknown.</summary>
    public string Sync { get; init; } = "Unknown";
    /// <summary>Healthy, Progressing, Degraded, Suspended, Missing or Unknown.</summary>
    public string Health { get; init; } = "Unknown";
    /// <summary>The commit that was synced last; "" before the first sync.</summary>
    public string Revision { get; init; } = "";
    public string Message { get; init; } = "";
    public IReadOnlyList<ObjectView>? Objects { get; init; }
    public IReadOnlyList<ConditionView> Conditions { get; init; } = [];
    public OperationView? Operation { get; init; }
    /// <summary>The project's sync windows that concern this target.</summary>
    public IReadOnlyList<WindowView> Windows { get; init; } = [];
    /// <summary>The cluster was seen until then.</summary>
    public DateTimeOffset? ObservedAt { get; init; }
}
