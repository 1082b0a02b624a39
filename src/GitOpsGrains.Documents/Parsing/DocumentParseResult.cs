namespace GitOpsGrains.Documents.Parsing;

/// <param name="Documents">Those without faults, in order.</param>
/// <param name="Faults">All that is wrong, of all documents.</param>
public sealed record DocumentParseResult(IReadOnlyList<Document> Documents, IReadOnlyList<DocumentFault> Faults)
{
    /// <summary>For each of <see cref="Documents"/> its zero-based index in the stream.</summary>
    public IReadOnlyList<int> Indexes { get; init; } = [];

    /// <summary>Documents in the stream, those with faults included, empty ones not.</summary>
    public int Count { get; init; }

    public bool IsValid => Faults.Count == 0;
}
