using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// The project's sync windows: what they hold up, and exactly when that ends. Automated syncs and heals wait, what a person
/// asks for is refused unless the windows let persons through, and a sync that runs ends when they turn against it.
/// </summary>
public sealed partial class TargetGrain
{
    /// <summary>Timers take no longer waits; a round in between changes nothing.</summary>
    private static readonly TimeSpan LongestNap = TimeSpan.FromDays(20);

    private (TargetDesired Of, DateTimeOffset From, WindowVerdict Verdict)? _window;
    private IGrainTimer? _windowTimer;
    private DateTimeOffset? _windowDue;
    private Condition? _heldByWindow;

    /// <summary>For whom the sync runs that runs now.</summary>
    private (bool Manual, bool Overrides) _runsAs;

    /// <summary>What the windows have against a sync, null when nothing.</summary>
    /// <param name="manual">A person asks for it.</param>
    private WindowVerdict? BlockedByWindow(bool manual)
    {
        var verdict = CurrentWindow();
        return (manual ? verdict.Manual : verdict.Automated) ? null : verdict;
    }

    /// <summary>Whether something that is due by itself has to wait; it is said until the window lets it through.</summary>
    private bool WaitsForWindow()
    {
        if (BlockedByWindow(manual: false) is not { } blocked) return false;
        if (_heldByWindow?.Message != blocked.Message) _heldByWindow = NewCondition(ConditionTypes.SyncWindow, blocked.Message);
        return true;
    }

    /// <summary>Nothing waits when every object is as desired, whatever waited before.</summary>
    private IEnumerable<Condition> WindowConditions() =>
        _heldByWindow is { } held && _objects.Values.Any(tracked => tracked.Sync == SyncStatus.OutOfSync) ? [held] : [];

    /// <summary>Why an order can't be carried out; null when it can.</summary>
    private string? RefusalOf(TargetSyncOrder order, DesiredState built)
    {
        var unknown = order.Objects.FirstOrDefault(reference => !built.Objects.Any(item => reference.Matches(item.Id))
            && !_inventory.Entries.Keys.Any(reference.Matches));
        if (unknown is not null) return $"the application has no object {unknown} on cluster {_cluster}";
        if (order.DryRun || order.OverrideWindow || BlockedByWindow(manual: true) is not { } blocked) return null;
        return $"{blocked.Message}; to sync all the same: gitopsctl app sync {_project}/{_application} --override-window";
    }

    /// <summary>Takes notice of what the windows say now, and wakes the loop when that changes.</summary>
    private void FollowWindows()
    {
        var verdict = CurrentWindow();
        if (verdict.Automated) _heldByWindow = null;
        EndRunOutsideOfWindow();
        if (_windowDue == verdict.NextChange) return;
        ForgetWindowTimer();
        if (verdict.NextChange is not { } due) return;
        // Rounded up: a round that comes early finds nothing changed.
        var wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp((due - _time.GetUtcNow()).TotalMilliseconds, 0, LongestNap.TotalMilliseconds)) + 1);
        _windowDue = due;
        _windowTimer = this.RegisterGrainTimer(_ =>
        {
            ForgetWindowTimer();
            FollowWindows();
            Work();
            return Task.CompletedTask;
        }, new GrainTimerCreationOptions(wait, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
    }

    private IReadOnlyList<WindowView> ViewWindows()
    {
        if (_state.State.Desired is not { Windows.Count: > 0 } desired) return [];
        var now = _time.GetUtcNow();
        return [.. SyncWindows.Concerning(desired.Windows, _application, desired.Namespace, [_cluster]).Select(window =>
        {
            var schedule = WindowSchedule.TryParse(window, out var parsed, out _) ? parsed : null;
            return new WindowView
            {
                Kind = window.Kind,
                Schedule = window.Schedule,
                Duration = Durations.Format(window.Duration),
                TimeZone = window.TimeZone,
                Description = window.Description,
                ManualSync = window.ManualSync,
                Open = schedule?.IsOpen(now) ?? false,
                NextChange = schedule?.NextChange(now),
            };
        })];
    }

    private void ForgetWindowTimer()
    {
        _windowTimer?.Dispose();
        (_windowTimer, _windowDue) = (null, null);
    }

    private void EndRunOutsideOfWindow()
    {
        // What only waits for health writes nothing more.
        if (_running is null || _settling is { IsCompleted: false } || _runsAs.Overrides || _state.State is not { Desired: { } desired, Operation: { IsOver: false } operation }) return;
        if (BlockedByWindow(_runsAs.Manual) is not { } blocked) return;
        if (SyncWindows.MayOverrun(desired.Windows, _application, desired.Namespace, _cluster, _state.State.Intent?.Started ?? operation.Started, _time.GetUtcNow())) return;
        PreEmpt($"stopped: {blocked.Message}");
    }

    private WindowVerdict CurrentWindow()
    {
        if (_state.State.Desired is not { Windows.Count: > 0 } desired) return WindowVerdict.Always;
        var now = _time.GetUtcNow();
        if (_window is { } known && ReferenceEquals(known.Of, desired) && known.From <= now && !(known.Verdict.NextChange <= now)) return known.Verdict;
        var verdict = SyncWindows.Evaluate(desired.Windows, _application, desired.Namespace, _cluster, now);
        _window = (desired, now, verdict);
        return verdict;
    }
}
