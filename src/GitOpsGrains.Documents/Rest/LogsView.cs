namespace GitOpsGrains.Documents.Rest;

/// <summary>The last lines that a container of an application's pod has written.</summary>
public sealed record LogsView
{
    public string Cluster { get; init; } = "";
    /// <summary>The pod: group/Kind:namespace/name.</summary>
    public string Object { get; init; } = "";
    /// <summary>As it was asked for; "" for the pod's only one.</summary>
    public string Container { get; init; } = "";
    /// <summary>As the container wrote it: it may hold anything, secrets too.</summary>
    public string Text { get; init; } = "";
    /// <summary>The text was too long and ends early: fewer lines show the newest ones.</summary>
    public bool Cut { get; init; }
}
