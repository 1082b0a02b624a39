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

    /// <summary>In place of a tree: what the application renders next is another one.</summary>
    private const string Unreadable = "?";

    /// <summary>
    /// Compares what every subscriber reads with the new commit. All are compared before anybody is told, so that no
    /// application can take an object's departure for a deletion while another is about to claim it.
    /// </summary>
    private async Task TellSubscribersAsync(RepositoryAccess access)
    {
        var unclear = new List<(Subscription Subscription, RenderSubject At, IReadOnlyList<string> Commits)>();
        var impact = new CommitImpact(query => _listing.Find(query).Ref?.Commit, (from, to) => ChangesAsync(access, from, to));
        foreach (var subscription in _subscriptions.All.ToArray())
        {
            var (kind, at, commits) = await impact.JudgeAsync(subscription);
            if (kind == ImpactKind.Unclear) unclear.Add((subscription, at, commits));
            if (kind != ImpactKind.Spared) continue;
            subscription.PassOn(at);
            Instruments.SpareRenders.Add(1, Instruments.Repository(Name));
        }
        await LookAheadAsync(access, unclear.Select(item => item.At));
        var concerned = new List<(Subscription Subscription, IReadOnlyList<string> Commits)>();
        foreach (var (subscription, at, commits) in unclear)
        {
            if (await IsConcernedAsync(access, subscription, at)) concerned.Add((subscription, commits));
        }
        foreach (var (subscription, commits) in concerned)
            foreach (var commit in commits)
                await GrainFactory.GetGrain<IApplicationListener>(subscription.Application).OnSourceChangedAsync(commit);
    }

    private async Task<bool> IsConcernedAsync(RepositoryAccess access, Subscription subscription, RenderSubject at)
    {
        try
        {
            var set = await ReadSetOfAsync(access, at);
            return subscription.Seen(at, set?.Digest ?? Unreadable, set is null ? null : await DecisiveAsync(access, at, ChangedPaths.Of(set, Name), _stopping.Token));
        }
        catch (GitException failure) when (failure.Kind == GitErrorKind.TooLarge)
        {
            // That is its own fault and nobody else's: it sees for itself, and says so.
            return subscription.Seen(at, Unreadable, null);
        }
    }

    /// <summary>What follows asks for the path of each source, several times.</summary>
    private async Task LookAheadAsync(RepositoryAccess access, IEnumerable<RenderSubject> subjects)
    {
        var sources = subjects.SelectMany(subject => subject.Sources).Where(pinned => pinned.Source.Repository == Name);
        foreach (var commit in sources.GroupBy(pinned => pinned.Commit, pinned => pinned.Source.Path, StringComparer.Ordinal))
        {
            try
            {
                await _git.LookAheadAsync(access, commit.Key, [.. commit.Distinct(StringComparer.Ordinal)], _stopping.Token);
            }
            catch (GitException)
            {
                // Each application is told when it asks for its own.
            }
        }
    }

    /// <summary>What the sources would read of this repository; null when another one can't be read now, and the application has to see for itself.</summary>
    private async Task<ReadSet?> ReadSetOfAsync(RepositoryAccess access, RenderSubject subject)
    {
        var (inputs, _) = await InputsAsync(subject, _stopping.Token);
        if (inputs is null) return null;
        // The document may have been changed while the server was asked.
        inputs = inputs with { Parts = [.. inputs.Parts.Select(part => part.Source.Repository == Name ? part with { Repository = access } : part)] };
        return OwnOf(await _renders.ReadSetOfAsync(inputs, _stopping.Token), Name);
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

    /// <summary>
    /// The paths that decide; null when that can't be said of paths: nothing is known to be read, or a link is on the way to one of
    /// them, which changes what it leads to without changing itself.
    /// </summary>
    private async Task<IReadOnlyList<string>?> DecisiveAsync(RepositoryAccess access, RenderSubject at, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        if (paths.Count == 0) return null;
        foreach (var commit in CommitsOf(at))
            if (await _history.AnyIsLinkedAsync(access, commit, paths, cancellationToken)) return null;
        return paths;
    }

    /// <summary>Of the sources in this repository.</summary>
    private IEnumerable<string> CommitsOf(RenderSubject subject) =>
        subject.Sources.Where(pinned => pinned.Source.Repository == Name).Select(pinned => pinned.Commit).Distinct(StringComparer.Ordinal);
}
