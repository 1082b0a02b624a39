using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Revisions that somebody only wants to look at: the listing and the subscriptions stay as they are.</summary>
public sealed partial class RepositoryGrain
{
    public async Task<RenderedRevision> RenderAtAsync(SourceSpec source, string revision, RenderScope scope, CancellationToken cancellationToken)
    {
        var answer = await LookUpAsync(revision, cancellationToken);
        if (answer.Revision is not { } found) return new RenderedRevision { Source = source, Conditions = [answer.Condition!] };
        var (_, render) = await _renders.RenderAsync(Inputs(source, scope), found.Commit, _time, cancellationToken);
        return new RenderedRevision { Revision = found, Source = source, SetDigest = render.SetDigest, Conditions = render.Conditions };
    }

    private async Task<RevisionAnswer> LookUpAsync(string revision, CancellationToken cancellationToken)
    {
        if (Document is null)
            return new RevisionAnswer { Condition = NewCondition(ConditionTypes.RepositoryMissing, $"there is no repository {Name}") };
        if (RefNames.IsCommit(revision)) return await ResolveCommitAsync(revision, cancellationToken);
        var access = Access;
        try
        {
            var candidates = RefNames.Candidates(revision);
            var listed = await _git.ListRefsAsync(access, candidates, cancellationToken);
            var refs = listed.Refs.Where(found => candidates.Contains(found.Name)).ToDictionary(found => found.Name, found => found.Commit, StringComparer.Ordinal);
            var (reference, type, message) = RefNames.Find(revision, refs);
            if (reference is null) return new RevisionAnswer { Condition = NewCondition(type!, message!) };
            if (!await _git.HasCommitAsync(access, reference.Commit, cancellationToken)) await _git.FetchAsync(access, [reference], cancellationToken);
            return await DescribeAsync(reference.Commit, cancellationToken);
        }
        catch (GitException failure)
        {
            return new RevisionAnswer { Condition = ConditionOf(failure) };
        }
    }
}
