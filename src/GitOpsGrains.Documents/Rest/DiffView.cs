namespace GitOpsGrains.Documents.Rest;

/// <summary>What a sync of a revision would change.</summary>
public sealed record DiffView
{
    /// <summary>The commit.</summary>
    public string Revision { get; init; } = "";
    /// <summary>No target would change and all could be compared.</summary>
    public bool Equal { get; init; }
    public IReadOnlyList<TargetDiffView> Targets { get; init; } = [];
}

public sealed record TargetDiffView
{
    public string Cluster { get; init; } = "";
    /// <summary>Only those that would change.</summary>
    public IReadOnlyList<ObjectDiffView> Objects { get; init; } = [];
    /// <summary>Why the target can't be compared.</summary>
    public string? Error { get; init; }
}

public sealed record ObjectDiffView
{
    /// <summary>group/Kind:namespace/name.</summary>
    public string Id { get; init; } = "";
    public string Group { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Name { get; init; } = "";
    /// <summary>create, update or delete.</summary>
    public string Change { get; init; } = "";
    /// <summary>What the cluster has (from) and what it would have (to); of an update only. Values of Secrets are masked.</summary>
    public IReadOnlyList<DriftView> Fields { get; init; } = [];
    /// <summary>
    /// From what the cluster has to what it would have, as YAML in unified format with three lines of context; all "+" of a
    /// create, all "-" of a delete. Without status and what servers fill in; values of Secrets are masked.
    /// </summary>
    public string? Diff { get; init; }
    /// <summary>The text of <see cref="Diff"/> was too long and ends early, or is left out.</summary>
    public bool? DiffIsCut { get; init; }
    /// <summary>What keeps an object that left Git from being deleted, as far as the object and the policy tell.</summary>
    public string? Note { get; init; }
    /// <summary>The server refused the dry run.</summary>
    public string? Error { get; init; }
}
