using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Whom a new commit concerns.</summary>
public sealed partial class RepositoryGrain
{
    /// <summary>A commit that changes more than this is looked at render by render.</summary>
    private const int MaxChanges = 50_000;

    /// <summary>
    /// Compares what every subscriber reads with the new commit. All are compared before anybody is told, so that no
    /// application can take an object's departure for a deletion while another is about to claim it.
    /// </summary>
    private async Task TellSubscribersAsync(RepositoryAccess access)
    {
        var concerned = new List<Subscription>();
        var changes = new Dictionary<(string From, string To), ChangedPaths?>();
        foreach (var subscription in _subscriptions.All.ToArray())
        {
            if (_listing.Find(subscription.Query).Ref is not { } found || found.Commit == subscription.Commit) continue;
            if (!changes.TryGetValue((subscription.Commit, found.Commit), out var paths))
                changes[(subscription.Commit, found.Commit)] = paths = await ChangesAsync(access, subscription.Commit, found.Commit);
            if (paths is not null && subscription.Paths is { } reads && !paths.Touches(reads))
            {
                subscription.PassOn(found.Commit);
                Instruments.SpareRenders.Add(1, Instruments.Repository(Name));
                continue;
            }
            var set = await _renders.ReadSetOfAsync(Inputs(subscription.Source, subscription.Scope) with { Repository = access }, found.Commit, _stopping.Token);
            if (subscription.Seen(found.Commit, set.Digest, await PathsOfAsync(access, found.Commit, set, _stopping.Token))) concerned.Add(subscription);
        }
        foreach (var subscription in concerned)
            await GrainFactory.GetGrain<IApplicationListener>(subscription.Application).OnSourceChangedAsync(subscription.Commit);
    }

    /// <summary>Null when that can't be told cheaply: the commit before is gone, or too much changed.</summary>
    private async Task<ChangedPaths?> ChangesAsync(RepositoryAccess access, string from, string to)
    {
        if (from.Length == 0) return null;
        try
        {
            return await _history.CompareAsync(access, from, to, MaxChanges, _stopping.Token) is { } changes ? new ChangedPaths(changes) : null;
        }
        catch (GitException gone) when (gone.Kind is GitErrorKind.CommitNotFound or GitErrorKind.Malformed)
        {
            return null;
        }
    }

    /// <summary>The paths that decide; null when a link is on the way to one of them, which changes what it leads to without changing itself.</summary>
    private async Task<IReadOnlyList<string>?> PathsOfAsync(RepositoryAccess access, string commit, ReadSet reads, CancellationToken cancellationToken)
    {
        if (reads.Entries.IsEmpty) return null;
        var paths = ChangedPaths.Of(reads, Name);
        return await _history.AnyIsLinkedAsync(access, commit, paths, cancellationToken) ? null : paths;
    }
}
