using GitOpsGrains.Abstractions.Targets;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>Tells the targets of this cluster to look again, each until it has heard: nobody else does before its application's reminder.</summary>
public sealed partial class ClusterGrain
{
    private const int WakesAtOnce = 256;

    private readonly CancellationTokenSource _stopping = new();
    private Insistence<string> _wakes = null!;

    private Insistence<string> CreateWakes() => new(
        WakesAtOnce, WakeAsync, (count, one, unreached) => LogNotWoken(unreached, count, Name, one), time, _stopping.Token);

    /// <summary>One that has left meanwhile needs not be told.</summary>
    private Task WakeAsync(string target) => state.State.Targets.Contains(target) ? GrainFactory.GetGrain<ITargetGrain>(target).WakeAsync() : Task.CompletedTask;

    private void WakeTargets() => _ = _wakes.AddAsync(state.State.Targets);

    [LoggerMessage(2316, LogLevel.Warning, "{Count} targets of cluster {Cluster}, one of them {Target}, could not be woken, and will be told again")]
    private partial void LogNotWoken(Exception exception, int count, string cluster, string target);
}
