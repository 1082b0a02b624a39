namespace GitOpsGrains.Documents.Rest;

/// <summary>Who made a commit, when and why.</summary>
public sealed record CommitView
{
    /// <summary>40 or 64 hexadecimal digits.</summary>
    public string Id { get; init; } = "";
    /// <summary>Name and address.</summary>
    public string Author { get; init; } = "";
    public string Message { get; init; } = "";
    public DateTimeOffset? Time { get; init; }
    /// <summary>Full name of the ref that led to it, for example the tag that a range of versions chose; "" for a commit id.</summary>
    public string Ref { get; init; } = "";
}
