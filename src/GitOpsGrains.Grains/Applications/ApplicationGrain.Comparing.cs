using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Projects;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Another revision, to be compared with what the clusters hold: rendered, and forgotten.</summary>
public sealed partial class ApplicationGrain
{
    public async Task<RenderedRevision> RenderRevisionAsync(string revision, CancellationToken cancellationToken)
    {
        RequireDocument();
        var spec = Document!.Spec;
        var source = spec.OnlySource!;
        var project = await GrainFactory.GetGrain<IProjectGrain>(spec.Project).GetAsync();
        if (!NamePattern.MatchesAny((project?.Spec ?? new ProjectSpec()).Repositories, source.Repository))
            throw new GrainRefusedException(RefusalKind.Conflict, $"project {spec.Project} does not allow the repository {source.Repository}");
        var scope = RenderScopes.Of(Document);
        var rendered = await Repository(source.Repository).RenderAtAsync(At(source, revision), scope, cancellationToken);
        return rendered with { Namespace = spec.Destination.Namespace, Scope = scope };
    }

    /// <summary>The prefix of its tags is for ranges: any other name is meant as it is.</summary>
    private static SourceSpec At(SourceSpec source, string revision) =>
        source with { Ref = revision, TagPrefix = VersionRange.LooksLikeOne(revision) ? source.TagPrefix : "" };
}
