using GitOpsGrains.Documents.Parsing;

namespace GitOpsGrains.Documents.Rest;

/// <summary>RFC 9457 problem details (<c>application/problem+json</c>); <see cref="Faults"/> are all that is wrong with a stream of documents.</summary>
public sealed record ProblemView
{
    public const string MediaType = "application/problem+json";

    public string? Type { get; init; }
    public string? Title { get; init; }
    public int? Status { get; init; }
    public string? Detail { get; init; }
    public string? Instance { get; init; }
    public IReadOnlyList<DocumentFault>? Faults { get; init; }
}
