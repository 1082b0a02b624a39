namespace GitOpsGrains.Documents.Rest;

/// <summary>One page of what a cluster tells of an application's objects and of what these own, newest first.</summary>
public sealed record EventsView
{
    public string Cluster { get; init; } = "";
    public IReadOnlyList<EventView> Items { get; init; } = [];
    /// <summary>Pass it as <c>?continue=</c> for the next page; null on the last.</summary>
    public string? Continue { get; init; }
    /// <summary>Of all pages.</summary>
    public int Total { get; init; }
    /// <summary>What could not be looked at, and why; empty when all was.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>One Kubernetes event. Its texts are those of whoever wrote it, without control characters and cut where they are long.</summary>
public sealed record EventView
{
    /// <summary>What it is about: group/Kind:namespace/name.</summary>
    public string Object { get; init; } = "";
    /// <summary>The object of the application that owns what it is about; null when it is about that itself.</summary>
    public string? Owner { get; init; }
    /// <summary>Normal or Warning; others may come.</summary>
    public string Type { get; init; } = "";
    public string Reason { get; init; } = "";
    /// <summary>Of an event of a Secret it is masked.</summary>
    public string Message { get; init; } = "";
    public int Count { get; init; }
    public DateTimeOffset? First { get; init; }
    public DateTimeOffset Last { get; init; }
    /// <summary>Who tells it.</summary>
    public string Source { get; init; } = "";
}
