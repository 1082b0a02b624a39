using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>Of which objects of a rendered source the origin is asked for.</summary>
[GenerateSerializer, Immutable, Alias("gog.BlameOrder")]
public sealed record BlameOrder
{
    [Id(0)] public RenderSubject Subject { get; init; } = new();
    /// <summary>Only what it matches; null for all.</summary>
    [Id(3)] public ObjectReference? Object { get; init; }
    /// <summary>So many of the chosen objects are passed over.</summary>
    [Id(4)] public int Offset { get; init; }
    [Id(5)] public int Limit { get; init; }
}

[GenerateSerializer, Immutable, Alias("gog.BlameAnswer")]
public sealed record BlameAnswer
{
    [Id(0)] public IReadOnlyList<BlameEntry> Entries { get; init; } = [];
    /// <summary>Objects behind these.</summary>
    [Id(1)] public int Rest { get; init; }
    /// <summary>Why there is no answer; empty when there is one.</summary>
    [Id(2)] public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

/// <param name="Repository">Of the source that it comes from.</param>
/// <param name="File">From the repository's root.</param>
/// <param name="Document">-1 where the file is no manifest itself.</param>
/// <param name="Revision">The commit that touched it last; null when that is too long ago.</param>
[GenerateSerializer, Immutable, Alias("gog.BlameEntry")]
public sealed record BlameEntry(
    [property: Id(0)] ResourceId Object, [property: Id(1)] string File, [property: Id(2)] int Document, [property: Id(3)] Revision? Revision,
    [property: Id(4)] string Repository);
