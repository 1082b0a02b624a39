namespace GitOpsGrains.Documents.Rest;

/// <summary>One sync of the past.</summary>
public sealed record HistoryView
{
    /// <summary>Of the operation.</summary>
    public string Id { get; init; } = "";
    /// <summary>"" when the entry is of the whole application.</summary>
    public string Cluster { get; init; } = "";
    /// <summary>As <see cref="ApplicationStatusView.Revision"/>.</summary>
    public string Revision { get; init; } = "";
    /// <summary>Of an application with several sources: all of them.</summary>
    public IReadOnlyList<SourceRevisionView>? Sources { get; init; }
    public string Author { get; init; } = "";
    /// <summary>The commit's message.</summary>
    public string Message { get; init; } = "";
    /// <summary>As <see cref="CommitView.PullRequest"/>.</summary>
    public string? PullRequest { get; init; }
    public DateTimeOffset Started { get; init; }
    public DateTimeOffset? Finished { get; init; }
    /// <summary>What began it: commit, user or restore.</summary>
    public string Trigger { get; init; } = "";
    /// <summary>How often it was tried; null: once.</summary>
    public int? Attempts { get; init; }
    /// <summary>Succeeded, Failed, PartiallyApplied, Terminated or Superseded.</summary>
    public string Result { get; init; } = "";
    /// <summary>Only the objects that were changed or refused.</summary>
    public IReadOnlyList<HistoryObjectView> Objects { get; init; } = [];
    public string? Error { get; init; }
}

public sealed record HistoryObjectView
{
    /// <summary>group/Kind:namespace/name.</summary>
    public string Object { get; init; } = "";
    /// <summary>As <see cref="ObjectView.Action"/>.</summary>
    public string Action { get; init; } = "";
    public string? Message { get; init; }
}
