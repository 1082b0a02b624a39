namespace GitOpsGrains.Documents.Parsing;

/// <summary>What a stream of documents may be at most.</summary>
public sealed record DocumentLimits
{
    public static DocumentLimits Default { get; } = new();

    /// <summary>Of the whole stream. Default: 8 MB.</summary>
    public int MaxBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Default: 20,000.</summary>
    public int MaxDocuments { get; init; } = 20_000;

    /// <summary>Nodes of one document after its aliases are expanded. Default: 100,000.</summary>
    public int MaxNodes { get; init; } = 100_000;

    /// <summary>Nesting of one document. Default: 50.</summary>
    public int MaxDepth { get; init; } = 50;

    /// <summary>Characters of one key. Default: 1024.</summary>
    public int MaxKeyLength { get; init; } = 1024;

    /// <summary>Faults that are listed; the last one says that there are more. Default: 200.</summary>
    public int MaxFaults { get; init; } = 200;
}
