using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>What a source or a user names in a repository, before the server is asked which commit that is.</summary>
/// <param name="Reference">Branch, tag, full ref name, commit id or range of versions, as in <see cref="SourceSpec.Ref"/>.</param>
/// <param name="TagPrefix">As <see cref="SourceSpec.TagPrefix"/>.</param>
[GenerateSerializer, Immutable, Alias("gog.RefQuery")]
public sealed record RefQuery([property: Id(0)] string Reference, [property: Id(1)] string TagPrefix = "")
{
    public static RefQuery Of(SourceSpec source) => new(source.Ref, source.TagPrefix);
}
