namespace GitOpsGrains.Documents.Rest;

/// <summary>
/// One change, the data of a server-sent event whose id is <see cref="Sequence"/>; a client that reconnects sends that as
/// <c>Last-Event-ID</c> and gets 410 when it is too old.
/// </summary>
public sealed record WatchEventView
{
    /// <summary>Opaque; grows.</summary>
    public string Sequence { get; init; } = "";
    /// <summary>Application, Target, Repository or Cluster.</summary>
    public string Kind { get; init; } = "";
    /// <summary>"" where the kind has none.</summary>
    public string Project { get; init; } = "";
    /// <summary>Of the application, repository or cluster.</summary>
    public string Name { get; init; } = "";
    /// <summary>Of a target.</summary>
    public string? Cluster { get; init; }
    public string? Sync { get; init; }
    public string? Health { get; init; }
    public string? Revision { get; init; }
    public string? Message { get; init; }
    public DateTimeOffset Time { get; init; }
    public bool Deleted { get; init; }
}
