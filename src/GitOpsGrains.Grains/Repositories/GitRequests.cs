using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Requests to Git servers within their budgets; a server that asks for a pause gets it from all repositories of this silo.</summary>
public sealed class GitRequests(IGitMirrors git, HostBudgets budgets)
{
    public HostBudgets Budgets => budgets;

    /// <param name="hasPlace">The place for this request was taken before, and waited for.</param>
    public async Task<RefListing> ListRefsAsync(RepositoryAccess repository, IReadOnlyList<string> prefixes, bool hasPlace, CancellationToken cancellationToken)
    {
        if (!hasPlace) await budgets.WaitUrgentAsync(repository.Url, cancellationToken);
        return await HeedAsync(repository, () => git.ListRefsAsync(repository, prefixes, cancellationToken));
    }

    public async Task FetchAsync(RepositoryAccess repository, IReadOnlyList<GitRef> refs, CancellationToken cancellationToken)
    {
        await budgets.WaitUrgentAsync(repository.Url, cancellationToken);
        await HeedAsync(repository, async () =>
        {
            await git.FetchAsync(repository, refs, cancellationToken);
            return true;
        });
    }

    private async Task<T> HeedAsync<T>(RepositoryAccess repository, Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (GitException refusal) when (refusal.RetryAfter is not null)
        {
            budgets.Pause(repository.Url, refusal.RetryAfter.Value);
            throw;
        }
    }
}
