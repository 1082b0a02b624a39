namespace GitOpsGrains.Documents.Rest;

/// <summary>Body of <c>POST …:sync</c>; all members may be left out.</summary>
public sealed record SyncRequest
{
    /// <summary>The commit, or its first digits, that the sync is meant for: it fails when the source's newest is another.</summary>
    public string? Revision { get; init; }
    /// <summary>Default: what the document says; false when <see cref="Objects"/> are given.</summary>
    public bool? Prune { get; init; }
    /// <summary>Nothing is written; the operation says what would be.</summary>
    public bool? DryRun { get; init; }
    /// <summary>Only these, as group/Kind:namespace/name or Kind/name: at most 500. No hook runs, nothing else is applied or pruned.</summary>
    public IReadOnlyList<string>? Objects { get; init; }
    /// <summary>In place of the document's onFailure: <see cref="ErrorPolicies"/>.</summary>
    public string? OnError { get; init; }
    /// <summary>Goes on although a sync window of the project is against it.</summary>
    public bool? OverrideWindow { get; init; }
    /// <summary>As the option Force=true, for this operation: an object whose change the server refuses is deleted and created again.</summary>
    public bool? Force { get; init; }
    /// <summary>As the option Replace=true, for this operation: objects are replaced as a whole.</summary>
    public bool? Replace { get; init; }
}

/// <summary>The words of <see cref="SyncRequest.OnError"/>.</summary>
public static class ErrorPolicies
{
    /// <summary>The document's word for it is stop.</summary>
    public const string Abort = "abort";
    public const string Continue = "continue";

    public static IReadOnlyList<string> All { get; } = [Abort, Continue];
}
