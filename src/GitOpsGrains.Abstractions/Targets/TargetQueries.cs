using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Abstractions.Targets;

/// <summary>Which manifests are asked for.</summary>
[GenerateSerializer, Immutable, Alias("gog.ManifestsQuery")]
public sealed record ManifestsQuery
{
    /// <summary>A commit that the target was synced to, or its first digits; null: what it is to have now.</summary>
    [Id(0)] public string? Revision { get; init; }
    [Id(1)] public int Limit { get; init; }
    /// <summary>From the page before; null: the first page.</summary>
    [Id(2)] public string? After { get; init; }
}

/// <summary>Which events are asked for.</summary>
[GenerateSerializer, Immutable, Alias("gog.EventsQuery")]
public sealed record EventsQuery
{
    /// <summary>Only of what it matches, and of what that owns; null: of all.</summary>
    [Id(0)] public ObjectReference? Object { get; init; }
    [Id(1)] public int Limit { get; init; }
    /// <summary>From the page before; null: the first page.</summary>
    [Id(2)] public string? After { get; init; }
}

/// <summary>Which pod's log is asked for.</summary>
[GenerateSerializer, Immutable, Alias("gog.LogsQuery")]
public sealed record LogsQuery
{
    [Id(0)] public ObjectReference Pod { get; init; } = new();
    /// <summary>"" for the pod's only one.</summary>
    [Id(1)] public string Container { get; init; } = "";
    /// <summary>At most so many lines, the last ones.</summary>
    [Id(2)] public int Tail { get; init; }
}
