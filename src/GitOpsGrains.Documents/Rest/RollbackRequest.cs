namespace GitOpsGrains.Documents.Rest;

/// <summary>Body of <c>POST …:rollback</c>: a commit that restores the application's files as they were. All members may be left out.</summary>
public sealed record RollbackRequest
{
    /// <summary>Commit, branch or tag whose files come back; SOURCE:REV, with a source's name or repository, where there are several. Default: the revision that was synced before the present one.</summary>
    public string? Revision { get; init; }
    /// <summary>Push to this new branch, for a pull request, instead of the branch that is followed.</summary>
    public string? Branch { get; init; }
    /// <summary>Also files that other applications read, and files outside of the application's own path. Default: false.</summary>
    public bool? IncludeShared { get; init; }
    /// <summary>Nothing is pushed: the operation shows the commit, and <c>…/diff?revision=COMMIT</c> what it would change.</summary>
    public bool? DryRun { get; init; }
    /// <summary>Why, for the commit's message: at most 1000 characters.</summary>
    public string? Reason { get; init; }
}

/// <summary>The commit of a rollback.</summary>
public sealed record RollbackView
{
    public string Commit { get; init; } = "";
    /// <summary>Name or repository of the source, where there are several: <c>SOURCE:COMMIT</c> names the commit then.</summary>
    public string? Source { get; init; }
    /// <summary>The commit whose files come back.</summary>
    public string To { get; init; } = "";
    /// <summary>Where it is pushed to.</summary>
    public string Branch { get; init; } = "";
    public string Message { get; init; } = "";
    /// <summary>From the repository's root; at most <see cref="MaxFiles"/>.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
    /// <summary>Differ too, and are restored with includeShared only.</summary>
    public IReadOnlyList<SharedFileView> Shared { get; init; } = [];

    public const int MaxFiles = 500;
}

public sealed record SharedFileView
{
    public string File { get; init; } = "";
    /// <summary>Other applications that read it, project/name; empty: it is only outside of the application's own path.</summary>
    public IReadOnlyList<string> Applications { get; init; } = [];
}
