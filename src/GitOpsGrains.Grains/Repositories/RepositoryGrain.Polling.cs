using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Asking the server, fetching what is new, and telling the applications whose trees changed.</summary>
public sealed partial class RepositoryGrain
{
    private static readonly TimeSpan LongestFailurePause = TimeSpan.FromMinutes(1);

    /// <summary>A commit that could not be fetched is not asked for again before that.</summary>
    private static readonly TimeSpan UnfetchedPause = TimeSpan.FromMinutes(10);

    private long _triedAt;

    private async Task PollAsync()
    {
        if (Document is null || IsPaused) return;
        var (access, hasPlace) = (Access, _hasPlace);
        (_hasPlace, _insists) = (false, false);
        _triedAt = _time.GetTimestamp();
        try
        {
            _listing = _listing.Asking(_subscriptions.Queries);
            var asked = _listing.Asked;
            var answer = await _requests.ListRefsAsync(access, RepositoryListing.PrefixesOf(asked), hasPlace, _stopping.Token);
            var listing = _listing.Read(asked, answer.Refs, _time.GetUtcNow());
            var before = _listing.Followed.ToDictionary(found => found.Name, found => found.Commit, StringComparer.Ordinal);
            var followed = listing.Followed;
            var changed = followed.Where(found => before.GetValueOrDefault(found.Name) != found.Commit).ToArray();
            listing = listing.Without(await FetchAsync(access, changed, isAlone: followed.Count == 1));
            changed = [.. changed.Where(found => !listing.Unfetched.ContainsKey(found.Name))];
            if (changed.Length > 0)
            {
                _changedAt = _time.GetTimestamp();
                await NoticeRewritesAsync(access, before, changed);
            }
            // The URL may have been changed meanwhile: what the old server said is void then.
            if (Document?.Spec.Url != access.Url) return;
            // Others may have asked for more meanwhile.
            _listing = listing.Asking(_listing.Asked);
            var recovered = _condition is not null;
            (_condition, _failures) = (null, 0);
            if (changed.Length > 0) await TellSubscribersAsync(access);
            if (recovered) await TellAllAsync();
        }
        catch (GitException ex)
        {
            _failures++;
            var condition = ConditionOf(ex);
            _condition = _condition is not null && _condition.SameAs(condition) ? _condition : condition;
            LogPollFailed(Name, ex.Kind, ex.Message);
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            // Whoever was not told of a commit by this is told when a poll succeeds again.
            _failures++;
            _condition ??= NewCondition(GitConditions.TypeOf(GitErrorKind.Malformed), $"looking at the repository failed: {ex.GetType().Name}");
            LogPollBroken(ex, Name);
        }
    }

    /// <summary>
    /// Brings all that changed into the mirror, in one request, and returns what could not be brought. Where that fails by one of
    /// several refs, each is fetched alone: who may push one branch must not keep the others from being rolled out.
    /// </summary>
    /// <param name="isAlone">Nobody follows anything else: the failure is the repository's.</param>
    private async Task<IReadOnlyDictionary<string, UnfetchedRef>> FetchAsync(RepositoryAccess access, GitRef[] changed, bool isAlone)
    {
        // Of a commit that is too large nobody wants to load the beginning at each poll.
        var failures = _listing.Unfetched.Where(failed => _time.GetUtcNow() - failed.Value.At < UnfetchedPause && Array.Exists(changed, found => failed.Value.IsOf(found)))
            .ToDictionary(StringComparer.Ordinal);
        // Tags themselves are fetched where they are verified.
        GitRef[] wanted = [.. changed.Where(found => !failures.ContainsKey(found.Name)).Select(found => found with { Tag = null })];
        if (wanted.Length == 0) return failures;
        try
        {
            await _requests.FetchAsync(access, wanted, _stopping.Token);
        }
        catch (GitException joint) when (IsOfARef(joint.Kind) && !isAlone)
        {
            foreach (var one in wanted)
            {
                if ((wanted.Length == 1 ? joint : await FailureOfAsync(access, one)) is not { } failure) continue;
                var message = $"{one.Name}: {failure.Message}";
                LogPollFailed(Name, failure.Kind, message);
                failures[one.Name] = new UnfetchedRef(one, RefFinding.Failed(GitConditions.TypeOf(failure.Kind), message), _time.GetUtcNow());
            }
        }
        return failures;
    }

    private async Task<GitException?> FailureOfAsync(RepositoryAccess access, GitRef one)
    {
        try
        {
            await _requests.FetchAsync(access, [one], _stopping.Token);
            return null;
        }
        catch (GitException failure) when (IsOfARef(failure.Kind))
        {
            return failure;
        }
    }

    private static bool IsOfARef(GitErrorKind kind) => kind is GitErrorKind.CommitNotFound or GitErrorKind.TooLarge;

    /// <summary>A branch that moved to a commit which does not contain its old one was rewritten: worth a line, and obeyed.</summary>
    private async Task NoticeRewritesAsync(RepositoryAccess access, Dictionary<string, string> known, GitRef[] changed)
    {
        // Without history nobody can tell.
        if (access.Shallow) return;
        foreach (var moved in changed)
        {
            if (!known.TryGetValue(moved.Name, out var before)) continue;
            if (!await _git.IsAncestorAsync(access, before, moved.Commit, _stopping.Token))
                LogHistoryRewritten(Name, moved.Name, before, moved.Commit);
        }
    }

    /// <summary>Everybody who may have been told that the repository can't be read.</summary>
    private async Task TellAllAsync()
    {
        foreach (var application in _subscribers.Names.ToArray())
            await GrainFactory.GetGrain<IApplicationListener>(application).OnSourceChangedAsync("");
    }

    /// <summary>A server that failed is not asked again for everybody who wants to know: no more often than while it is up.</summary>
    private TimeSpan FailurePause() => Document!.Spec.Poll.Interval is var interval && interval < LongestFailurePause ? interval : LongestFailurePause;

    private Condition NewCondition(string type, string message) => new() { Type = type, Message = message, Since = _time.GetUtcNow() };

    private Condition ConditionOf(GitException ex) => NewCondition(GitConditions.TypeOf(ex.Kind), ex.Message);
}
