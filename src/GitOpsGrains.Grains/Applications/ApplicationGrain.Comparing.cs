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
        var document = Document!;
        var (spec, choice) = (document.Spec, SourceChoice.Read(document.Spec.AllSources, revision));
        var project = await GrainFactory.GetGrain<IProjectGrain>(spec.Project).GetAsync();
        if (spec.AllSources.FirstOrDefault(source => !NamePattern.MatchesAny((project?.Spec ?? new ProjectSpec()).Repositories, source.Repository)) is { } refused)
            throw new GrainRefusedException(RefusalKind.Conflict, $"project {spec.Project} does not allow the repository {refused.Repository}");
        // The prefix of its tags is for ranges: any other name is meant as it is.
        var query = new RefQuery(choice.Revision, VersionRange.LooksLikeOne(choice.Revision) ? choice.Followed.TagPrefix : "");
        var answer = await Repository(choice.Repository).LookUpAsync(query, cancellationToken);
        if (answer.Revision is not { } found) return new RenderedRevision { Conditions = [answer.Condition!] };
        var (others, missing) = await ResolveAsync([.. spec.AllSources.Where(source => !choice.Holds(source))], askGit: false);
        if (missing.Count > 0) return new RenderedRevision { Conditions = missing };
        var sources = spec.AllSources.Select(source => choice.Holds(source)
            ? new SourceRevision { Source = source, Revision = found }
            : others.First(other => ReferenceEquals(other.Source, source))).ToArray();
        var clusters = _state.State.Clusters.ToArray();
        var renders = await RendersOf(document, sources, subject => Repository(subject.Home).RenderAgainAsync(subject, cancellationToken))
            .RunAsync(clusters, _state.State.Rendered?.AsksCluster == true);
        return new RenderedRevision
        {
            Revision = found,
            Sources = [.. sources.Select(source => new PinnedSource { Source = source.Source, Commit = source.Revision.Commit })],
            Sets = renders.Sets,
            Missing = renders.Waiting.ToDictionary(item => item.Key, item => ConditionViews.Sentence(item.Value[0]), StringComparer.Ordinal),
            Namespace = spec.Destination.Namespace,
            Conditions = renders.Conditions,
        };
    }
}
