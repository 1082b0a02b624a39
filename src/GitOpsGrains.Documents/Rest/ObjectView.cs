namespace GitOpsGrains.Documents.Rest;

/// <summary>One object of a target.</summary>
public sealed record ObjectView
{
    /// <summary>group/Kind:namespace/name, as in the annotation gitopsgrains.io/target.</summary>
    public string Id { get; init; } = "";
    /// <summary>"" for the core group.</summary>
    public string Group { get; init; } = "";
    public string Kind { get; init; } = "";
    /// <summary>"" for cluster-scoped kinds.</summary>
    public string Namespace { get; init; } = "";
    public string Name { get; init; } = "";
    /// <summary>Synced, OutOfSync or Unknown.</summary>
    public string Sync { get; init; } = "Unknown";
    /// <summary>Null for kinds that have no health.</summary>
    public string? Health { get; init; }
    public string? HealthMessage { get; init; }
    /// <summary>What the last sync did: Unchanged, Created, Configured, Pruned, Skipped, HandedOver, Failed, Detached or Held.</summary>
    public string? Action { get; init; }
    public IReadOnlyList<DriftView> Drift { get; init; } = [];
    /// <summary>Why it failed, was skipped or is held.</summary>
    public string? Message { get; init; }
}

/// <summary>One field that is not as wanted. Values of Secrets are masked.</summary>
public sealed record DriftView
{
    /// <summary>A JSON pointer.</summary>
    public string Path { get; init; } = "";
    /// <summary>What is wanted, as JSON; null when the field should not be.</summary>
    public string? From { get; init; }
    /// <summary>What is there, as JSON; null when the field is gone.</summary>
    public string? To { get; init; }
    /// <summary>The field manager that changed it, where it is known.</summary>
    public string? Manager { get; init; }
}
