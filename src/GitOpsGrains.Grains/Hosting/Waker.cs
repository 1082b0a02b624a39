using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Targets;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>
/// Wakes grains that nobody else asks before a reminder, each until it has heard. When a silo is gone, Orleans ends on the others
/// each activation whose place was noted there: some after they were woken for the same reason, in the middle of what they did
/// (decision 45). So each that ends asks for its successor.
/// </summary>
public sealed partial class Waker : IDisposable
{
    private const int AtOnce = 256;

    private readonly IGrainFactory _grains;
    private readonly ILogger<Waker> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Insistence<(CatalogKind Kind, string Name)> _asleep;

    public Waker(IGrainFactory grains, TimeProvider time, ILogger<Waker> logger)
    {
        (_grains, _logger) = (grains, logger);
        _asleep = new(AtOnce, WakeAsync, (count, one, unreached) => LogNotAwake(unreached, count, one.Kind, one.Name), time, _stopping.Token);
    }

    /// <summary>Ends, without an error, when each has been told once.</summary>
    public Task WakeAsync(CatalogKind kind, IEnumerable<string> names) => _asleep.AddAsync(names.Select(name => (kind, name)));

    /// <summary>
    /// For an activation that ends and has something to do; what only rests, or leaves with its silo, is woken by others. One that ends
    /// itself, since another activation has written, is followed after a pause: while silos don't see each other, two would end each
    /// other as fast as the storage lets them.
    /// </summary>
    public void WakeSuccessor(DeactivationReason reason, CatalogKind kind, string name)
    {
        if (reason.ReasonCode is DeactivationReasonCode.ShuttingDown or DeactivationReasonCode.ActivationIdle or DeactivationReasonCode.HighMemoryPressure) return;
        LogEnded(kind, name, reason.ReasonCode);
        // The calls are not those of an activation that has ended.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => FollowAsync(reason.ReasonCode, kind, name));
    }

    public void Stop() => _stopping.Cancel();

    public void Dispose()
    {
        Stop();
        _stopping.Dispose();
    }

    private Task FollowAsync(DeactivationReasonCode reason, CatalogKind kind, string name)
    {
        if (reason is not (DeactivationReasonCode.ApplicationRequested or DeactivationReasonCode.ApplicationError)) return WakeAsync(kind, [name]);
        _asleep.AddLater((kind, name));
        return Task.CompletedTask;
    }

    private Task WakeAsync((CatalogKind Kind, string Name) grain) => grain.Kind switch
    {
        CatalogKind.Cluster => _grains.GetGrain<IClusterGrain>(grain.Name).WakeAsync(),
        CatalogKind.Repository => _grains.GetGrain<IRepositoryGrain>(grain.Name).WakeAsync(),
        CatalogKind.Application => _grains.GetGrain<IApplicationGrain>(grain.Name).WakeAsync(),
        CatalogKind.Target => _grains.GetGrain<ITargetGrain>(grain.Name).WakeAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(grain), grain.Kind, "nothing of this kind is woken"),
    };

    [LoggerMessage(2402, LogLevel.Error, "{Count} grains, one of them {Kind} {Name}, could not be woken, and will be told again")]
    private partial void LogNotAwake(Exception exception, int count, CatalogKind kind, string name);

    [LoggerMessage(2407, LogLevel.Debug, "{Kind} {Name} ended here ({Reason}); the next activation is woken")]
    private partial void LogEnded(CatalogKind kind, string name, DeactivationReasonCode reason);
}
