using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Rest;

/// <summary>Answer to <c>POST /api/v1/apply</c>: one result for each document, in the stream's order.</summary>
public sealed record ApplyResponse
{
    public IReadOnlyList<ApplyResult> Results { get; init; } = [];

    /// <summary>Nothing was stored; the results say what would be.</summary>
    public bool DryRun { get; init; }
}

public sealed record ApplyResult
{
    /// <summary>One of <see cref="DocumentKinds"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>For applications project/name.</summary>
    public string Name { get; init; } = "";

    public ApplyOutcome Result { get; init; }
}

[JsonConverter(typeof(CamelCaseEnumConverter<ApplyOutcome>))]
public enum ApplyOutcome
{
    Created,
    Configured,
    Unchanged,
}
