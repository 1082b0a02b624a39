using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Grains.Applications;

/// <summary>
/// A revision that a person names, and the sources that it is of: <c>REV</c>, or <c>SOURCE:REV</c> with a source's name or
/// repository where an application follows several refs. No ref's name holds a ':'.
/// </summary>
internal sealed record SourceChoice(string Repository, RefQuery Followed, string Revision)
{
    public bool Holds(SourceSpec source) => source.Repository == Repository && RefQuery.Of(source) == Followed;

    /// <summary>Errors: <see cref="GrainRefusedException"/> (Invalid).</summary>
    public static SourceChoice Read(IReadOnlyList<SourceSpec> sources, string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (label, revision) = colon < 0 ? ("", text) : (text[..colon], text[(colon + 1)..]);
        if (RefSyntax.Fault(revision) is { } fault) throw Invalid(fault);
        var named = label.Length == 0 ? sources : [.. sources.Where(source => source.Name == label)];
        if (named.Count == 0) named = [.. sources.Where(source => source.Repository == label)];
        if (named.Count == 0) throw Invalid("no source has the name or repository that stands before the ':'");
        return AllOf(named) is [var only] ? only with { Revision = revision }
            : throw Invalid($"the application has several sources: write SOURCE:REV, with the name or repository of one ({string.Join(", ", sources.Select(LabelOf).Distinct(StringComparer.Ordinal))})");
    }

    /// <summary>What the sources follow, each once, without a revision.</summary>
    public static IReadOnlyList<SourceChoice> AllOf(IEnumerable<SourceSpec> sources) =>
        [.. sources.Select(source => new SourceChoice(source.Repository, RefQuery.Of(source), "")).Distinct()];

    public static string LabelOf(SourceSpec source) => source.Name.Length > 0 ? source.Name : source.Repository;

    private static GrainRefusedException Invalid(string message) => new(RefusalKind.Invalid, $"revision: {message}");
}
