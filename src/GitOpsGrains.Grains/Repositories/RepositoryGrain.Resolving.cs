using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Which commit is meant, brought into the mirror.</summary>
public sealed partial class RepositoryGrain
{
    public async Task<RevisionAnswer> ResolveAsync(RefQuery query, bool fresh, CancellationToken cancellationToken)
    {
        if (Document is null) return NoRepository();
        if (RefNames.IsCommit(query.Reference)) return await ResolveCommitAsync(query.Reference, cancellationToken);
        var known = _listing.Answered.Contains(query);
        if (!known) _listing = _listing.Asking([query]);
        // What was said last is not what the server would say: who needs to know that is told that it can't be asked.
        if (IsPaused && (fresh || !known)) return new RevisionAnswer { Condition = _condition ?? Paused() };
        if (fresh || !known || (_condition is not null && _time.GetElapsedTime(_triedAt) > FailurePause())) await _poll.RunFreshAsync(cancellationToken);
        if (_condition is not null) return new RevisionAnswer { Condition = _condition };
        return await AnswerAsync(query, _listing.Find(query), cancellationToken);
    }

    private readonly Dictionary<string, Task<Revision>> _reading = new(StringComparer.Ordinal);

    private async Task<RevisionAnswer> AnswerAsync(RefQuery query, RefFinding finding, CancellationToken cancellationToken)
    {
        if (RefNames.IsAbbreviated(query) && finding.ConditionType is null or ConditionTypes.RevisionMissing)
            return await ResolveAbbreviatedAsync(query.Reference, finding, cancellationToken);
        return finding.Ref is { } found ? await DescribeAsync(found, cancellationToken) : Failed(finding);
    }

    private async Task<RevisionAnswer> ResolveCommitAsync(string commit, CancellationToken cancellationToken)
    {
        try
        {
            await BringAsync(commit, cancellationToken);
            return await DescribeAsync(NoRef(commit), cancellationToken);
        }
        catch (GitException ex)
        {
            return new RevisionAnswer { Condition = ConditionOf(ex) };
        }
    }

    /// <summary>
    /// A branch or tag of that name is what is meant, unless a commit begins so as well: whoever may push branches must not
    /// move what is pinned to a commit.
    /// </summary>
    private async Task<RevisionAnswer> ResolveAbbreviatedAsync(string digits, RefFinding finding, CancellationToken cancellationToken)
    {
        try
        {
            var commit = await _git.FindCommitAsync(Access, digits, cancellationToken);
            if (finding.Ref is { } named)
                return commit is null || commit == named.Commit
                    ? await DescribeAsync(named, cancellationToken)
                    : Failed(RefFinding.Failed(ConditionTypes.RevisionAmbiguous, $"'{digits}' is {named.Name} and the beginning of the commit {commit}; write one of them in full"));
            if (commit is null && Access.Shallow)
                return Failed(RefFinding.Failed(ConditionTypes.RevisionMissing, $"the repository has no branch or tag '{digits}', and is fetched without the history that a commit could be looked for in: give all of its digits"));
            commit ??= await FindOnBranchesAsync(digits, cancellationToken);
            return commit is null
                ? Failed(RefFinding.Failed(ConditionTypes.RevisionMissing, $"the repository has no branch or tag '{digits}', and no commit on a branch begins so"))
                : await DescribeAsync(NoRef(commit), cancellationToken);
        }
        catch (GitException ex)
        {
            return new RevisionAnswer { Condition = ConditionOf(ex) };
        }
    }

    /// <summary>Servers can't be asked for an abbreviated id: what is on their branches is fetched.</summary>
    private async Task<string?> FindOnBranchesAsync(string digits, CancellationToken cancellationToken)
    {
        var access = Access;
        var branches = (await _requests.ListRefsAsync(access, [RefNames.Branches], hasPlace: false, cancellationToken)).Refs
            .Where(found => found.Name.StartsWith(RefNames.Branches, StringComparison.Ordinal)).ToArray();
        await _requests.FetchAsync(access, branches, cancellationToken);
        return await _git.FindCommitAsync(access, digits, cancellationToken);
    }

    /// <param name="found">Its commit is in the mirror.</param>
    private async Task<RevisionAnswer> DescribeAsync(GitRef found, CancellationToken cancellationToken)
    {
        try
        {
            if (await VerifyAsync(found, cancellationToken) is { } refusal) return new RevisionAnswer { Condition = refusal };
            if (!_listing.Commits.TryGetValue(found.Commit, out var revision)) revision = await ReadRevisionAsync(found.Commit, cancellationToken);
            return new RevisionAnswer { Revision = revision with { Ref = found.Name } };
        }
        catch (GitException ex)
        {
            return new RevisionAnswer { Condition = ConditionOf(ex) };
        }
    }

    /// <summary>All applications of a repository ask for a new commit at once: it is read for the first, and the others wait for that.</summary>
    private Task<Revision> ReadRevisionAsync(string commit, CancellationToken cancellationToken)
    {
        if (!_reading.TryGetValue(commit, out var reading))
        {
            reading = ReadAsync();
            if (!reading.IsCompleted) _reading[commit] = reading;
        }
        return reading.WaitAsync(cancellationToken);

        async Task<Revision> ReadAsync()
        {
            try
            {
                var revision = RevisionOf(await _git.ReadCommitAsync(Access, commit, _stopping.Token));
                _listing.Commits[commit] = revision;
                return revision;
            }
            finally
            {
                _reading.Remove(commit);
            }
        }
    }

    private async Task BringAsync(string commit, CancellationToken cancellationToken)
    {
        if (!await _git.HasCommitAsync(Access, commit, cancellationToken)) await _requests.FetchAsync(Access, [new GitRef(commit, commit)], cancellationToken);
    }

    private static GitRef NoRef(string commit) => new("", commit);

    private RevisionAnswer Failed(RefFinding finding) => new() { Condition = NewCondition(finding.ConditionType!, finding.Message!) };

    private RevisionAnswer NoRepository() =>
        new() { Condition = NewCondition(ConditionTypes.RepositoryMissing, $"there is no repository {Name}") };
}
