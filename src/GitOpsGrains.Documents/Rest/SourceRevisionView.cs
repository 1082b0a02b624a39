namespace GitOpsGrains.Documents.Rest;

/// <summary>One of several sources of an application, and its commit.</summary>
public sealed record SourceRevisionView
{
    /// <summary>Null when it has none.</summary>
    public string? Name { get; init; }
    public string Repository { get; init; } = "";
    /// <summary>"" of a source that is only read by others.</summary>
    public string Path { get; init; } = "";
    public string Revision { get; init; } = "";
    /// <summary>Left out in histories.</summary>
    public CommitView? Commit { get; init; }
}
