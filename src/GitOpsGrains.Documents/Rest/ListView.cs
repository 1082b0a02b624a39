namespace GitOpsGrains.Documents.Rest;

/// <summary>One page of a list.</summary>
public sealed record ListView<T>
{
    public IReadOnlyList<T> Items { get; init; } = [];
    /// <summary>Pass it as <c>?continue=</c> for the next page; null on the last.</summary>
    public string? Continue { get; init; }
    /// <summary>Of all pages.</summary>
    public int? Total { get; init; }
    /// <summary>Parts of the fleet have not answered yet; items may be missing.</summary>
    public bool Partial { get; init; }
}
