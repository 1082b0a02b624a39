using GitOpsGrains.Abstractions.Targets;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>Tells the targets of this cluster to look again, in windows, each until it has heard: nobody else does before its application's reminder.</summary>
public sealed partial class ClusterGrain
{
    private const int WakeWindow = 256;
    private static readonly TimeSpan WakeAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWakePause = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _asleep = new(StringComparer.Ordinal);
    private TimeSpan _wakePause = WakeAgainAfter;
    private bool _isWaking;

    private void WakeTargets()
    {
        _asleep.UnionWith(state.State.Targets);
        WakeAsleep();
    }

    private async void WakeAsleep()
    {
        if (_isWaking) return;
        _isWaking = true;
        var haveAllHeard = true;
        while (haveAllHeard && _asleep.Count > 0)
            foreach (var window in _asleep.ToArray().Chunk(WakeWindow))
                haveAllHeard &= !(await Task.WhenAll(window.Select(TryWakeAsync))).Contains(false);
        _isWaking = false;
        var pause = _wakePause;
        _wakePause = haveAllHeard ? WakeAgainAfter : TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestWakePause.Ticks));
        if (_asleep.Count > 0) Ended.Unless(() => WakeAgain(pause), gone => LogNotWoken(gone, Name, _asleep.Count));
    }

    /// <summary>Only for a living activation: of one that has ended even the state can't be asked for.</summary>
    private void WakeAgain(TimeSpan pause)
    {
        // One that has left meanwhile needs not be told.
        _asleep.IntersectWith(state.State.Targets);
        if (_asleep.Count == 0) return;
        IGrainTimer? timer = null;
        timer = this.RegisterGrainTimer(_ =>
        {
            timer!.Dispose();
            WakeAsleep();
            return Task.CompletedTask;
        }, new GrainTimerCreationOptions(pause, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
    }

    private async Task<bool> TryWakeAsync(string target)
    {
        // Before it is told: whoever wants it to be told meanwhile wants it once more.
        _asleep.Remove(target);
        try
        {
            await GrainFactory.GetGrain<ITargetGrain>(target).WakeAsync();
            return true;
        }
#pragma warning disable CA1031 // While silos come and go it may be out of reach in several ways; one that is keeps none of the others asleep.
        catch (Exception unreached)
#pragma warning restore CA1031
        {
            LogNotWoken(unreached, target);
            _asleep.Add(target);
            return false;
        }
    }

    [LoggerMessage(2316, LogLevel.Warning, "Target {Target} could not be woken, and will be told again")]
    private partial void LogNotWoken(Exception exception, string target);

    [LoggerMessage(2317, LogLevel.Debug, "Cluster {Cluster} has moved on before {Count} of its targets were woken")]
    private partial void LogNotWoken(Exception exception, string cluster, int count);
}
