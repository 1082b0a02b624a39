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
    /// <summary>The last drift that was put back, as long as the server remembers it: until it restarts.</summary>
    public RepairView? Repaired { get; init; }
    /// <summary>What others own beside Git and the policy reports; values are not shown.</summary>
    public IReadOnlyList<ForeignFieldView> ForeignFields { get; init; } = [];
    /// <summary>Why it failed, was skipped or is held.</summary>
    public string? Message { get; init; }
}

/// <summary>A field that is not in Git.</summary>
public sealed record ForeignFieldView
{
    /// <summary>As people read it: <c>.spec.template.spec.containers[name=sidecar].image</c>.</summary>
    public string Path { get; init; } = "";
    /// <summary>The field manager that owns it.</summary>
    public string Manager { get; init; } = "";
    /// <summary>Apply or Update.</summary>
    public string Operation { get; init; } = "";
    /// <summary>When that manager last wrote a field of the object, as the server says.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>Drift that was put back.</summary>
public sealed record RepairView
{
    public DateTimeOffset Time { get; init; }
    /// <summary>What was changed; empty for an object that was deleted.</summary>
    public IReadOnlyList<DriftView> Drift { get; init; } = [];
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
    /// <summary>Apply or Update: how that manager wrote.</summary>
    public string? Operation { get; init; }
    /// <summary>When that manager last wrote a field of the object, as the server says.</summary>
    public DateTimeOffset? Time { get; init; }
    /// <summary>True: nobody owns the field any more, and this manager is only the last that wrote the object.</summary>
    public bool? Likely { get; init; }
}
