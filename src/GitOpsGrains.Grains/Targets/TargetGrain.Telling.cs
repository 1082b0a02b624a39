using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Grains.Clusters;
using GitOpsGrains.Grains.Hosting;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Targets;

/// <summary>News: of the cluster's objects to the loop, and of the target to its application.</summary>
public sealed partial class TargetGrain
{
    private static readonly TimeSpan AnnouncePause = TimeSpan.FromMilliseconds(100);

    private IGrainTimer? _announce;
    private int _draining;
    private TargetSummary? _announced;

    void ITargetEvents.OnObjectChanged(ResourceId id)
    {
        // On the watch's thread: what comes next may be the end of the object.
        if (_hooks.TryGetValue(id, out var hook) && _session?.Observe(id).Object is { } seen && seen.Uid == hook.Uid) hook.Seen = seen.Health;
        _changedObjects.Enqueue(id);
        if (Interlocked.Exchange(ref _draining, 1) == 0) Post(DrainAsync, "look at changes");
    }

    void ITargetEvents.OnSessionChanged() => Post(() =>
    {
        _hasLooked = false;
        Work();
        return Task.CompletedTask;
    }, "follow the session");

    private void Post(Func<Task> action, string what) =>
        Watch(Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, _scheduler).Unwrap(), what);

    /// <summary>Work that nobody awaits must not fail unseen.</summary>
    private async void Watch(Task work, string what)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception ex) when (ex is InconsistentStateException or FencedException)
        {
            // Another activation has written, or this silo is declared dead: this one must do nothing more.
            LogWorkFailed(ex, Key, what);
            _isFenced |= ex is FencedException;
            await _stopping.CancelAsync();
            Ended.Unless(DeactivateOnIdle, gone => LogWorkFailed(gone, Key, what));
        }
#pragma warning disable CA1031 // The top of a loop: logged, and tried again.
        catch (Exception ex)
#pragma warning restore CA1031
        {
            LogWorkFailed(ex, Key, what);
            if (_retry is null && !_stopping.IsCancellationRequested)
                Ended.Unless(() => ComeBack(FailurePause), gone => LogWorkFailed(gone, Key, what));
        }
    }

    /// <summary>Tells the application what is new.</summary>
    private void Announce()
    {
        _announce?.Dispose();
        _announce = null;
        var summary = Summarise();
        if (!_stopping.IsCancellationRequested) _count.Set(_state.State.Released ? null : summary.Sync, _state.State.Held.Count);
        if (_announced?.SaysTheSameAs(summary) == true) return;
        _announced = summary;
        _ = Listener.OnTargetChangedAsync(summary);
    }

    /// <summary>The same for news of single objects, of which many come at once.</summary>
    private void AnnounceSoon() => _announce ??= this.RegisterGrainTimer(_ =>
    {
        Announce();
        return Task.CompletedTask;
    }, new GrainTimerCreationOptions(AnnouncePause, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
}
