namespace GitOpsGrains.Documents.Rest;

/// <summary>Body of <c>POST …:approve</c>; may be left out.</summary>
public sealed record ApproveRequest
{
    /// <summary>Only these held prunes, as group/Kind:namespace/name or Kind/name: at most 500. Default: all that are held.</summary>
    public IReadOnlyList<string>? Objects { get; init; }
}
