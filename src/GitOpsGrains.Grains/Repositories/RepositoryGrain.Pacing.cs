using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>When the server is asked: at intervals, within its budget, and not while it asks to be left alone.</summary>
public sealed partial class RepositoryGrain
{
    /// <summary>The next poll's place in the server's budget was taken and waited for.</summary>
    private bool _hasPlace;

    /// <summary>The next poll is one that the pause of a server does not hold up any longer.</summary>
    private bool _insists;

    private bool IsPaused => Document is { } document && !_insists && _requests.Budgets.PausedFor(document.Spec.Url) > TimeSpan.Zero;

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (Document is not { } document || MustWait(document.Spec.Url)) return;
        try
        {
            await WriteOwedAsync();
            await _poll.RunAsync(cancellationToken);
        }
        finally
        {
            if (!_stopping.IsCancellationRequested && Document is not null) ScheduleNext();
        }
    }

    /// <summary>Puts the poll off; whoever asks for it meanwhile does not wait so long.</summary>
    private bool MustWait(string url)
    {
        var wait = _requests.Budgets.PausedFor(url);
        if (wait == TimeSpan.Zero && !_hasPlace)
        {
            wait = _requests.Budgets.TakePoll(url);
            _hasPlace = true;
        }
        if (wait > TimeSpan.Zero) Schedule(wait);
        return wait > TimeSpan.Zero;
    }

    private void ScheduleNext() =>
        Schedule(PollInterval.Next(Document!.Spec.Poll.Interval, _time.GetElapsedTime(_changedAt), _failures, Random.Shared.NextDouble()));

    private Condition Paused() => NewCondition(
        ConditionTypes.RepositoryUnreachable, $"the server asks to be left alone for {_requests.Budgets.PausedFor(Document!.Spec.Url).TotalSeconds:0} s more");
}
