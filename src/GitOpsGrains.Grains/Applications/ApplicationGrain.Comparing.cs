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
        var rendered = await Repository(source.Repository).RenderAtAsync(source with { Ref = revision }, revision, scope, cancellationToken);
        return rendered with { Namespace = spec.Destination.Namespace, Scope = scope };
    }
}
