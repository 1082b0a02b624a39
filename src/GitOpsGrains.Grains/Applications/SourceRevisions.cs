using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>The sources of an application as people read them.</summary>
internal static class SourceRevisions
{
    public static SourceRevisionView Of(SourceRevision source) => new()
    {
        Name = source.Source.Name.Length > 0 ? source.Source.Name : null,
        Repository = source.Source.Repository,
        Path = source.Source.Path,
        Revision = source.Revision.Commit,
    };

    /// <summary>Null for a single one: it is the revision itself.</summary>
    public static IReadOnlyList<SourceRevisionView>? Of(IReadOnlyList<SourceRevision> sources) => sources.Count > 1 ? [.. sources.Select(Of)] : null;
}
