using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Revisions that somebody only wants to look at: the listing and the subscriptions stay as they are.</summary>
public sealed partial class RepositoryGrain
{
    public async Task<RevisionAnswer> LookUpAsync(RefQuery query, CancellationToken cancellationToken)
    {
        if (Document is null) return NoRepository();
        if (RefNames.IsCommit(query.Reference)) return await ResolveCommitAsync(query.Reference, cancellationToken);
        if (IsPaused) return new RevisionAnswer { Condition = Paused() };
        var access = Access;
        try
        {
            var listed = await _requests.ListRefsAsync(access, RefNames.Prefixes(query), hasPlace: false, cancellationToken);
            var finding = RepositoryListing.None.Read([query], listed.Refs, _time.GetUtcNow()).Find(query);
            if (finding.Ref is { } reference && !await _git.HasCommitAsync(access, reference.Commit, cancellationToken))
                await _requests.FetchAsync(access, [reference with { Tag = null }], cancellationToken);
            return await AnswerAsync(query, finding, cancellationToken);
        }
        catch (GitException failure)
        {
            return new RevisionAnswer { Condition = ConditionOf(failure) };
        }
    }
}
