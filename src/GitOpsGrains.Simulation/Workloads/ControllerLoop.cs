using System.Threading.Channels;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Schemas;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Simulation.Workloads;

/// <summary>
/// The controllers of all clusters of a fleet: takes note of changes and works them off, one after the other. What takes time in
/// a real cluster waits for a timer.
/// </summary>
internal sealed partial class ControllerLoop(TimeProvider time, ILogger<ControllerLoop> log) : IAsyncDisposable
{
    private readonly Channel<(SimulatedCluster Cluster, Work Work)> _work = Channel.CreateUnbounded<(SimulatedCluster, Work)>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<ITimer> _timers = [];
    private Task _running = Task.CompletedTask;

    /// <param name="Gone">A deleted object, whose dependents go too; else null.</param>
    internal sealed record Work(ObjectAddress Address, StoredObject? Gone, bool IsDue);

    public void Start() => _running = Task.Run(RunAsync);

    public void Note(SimulatedCluster cluster, ResourceKind kind, ObjectEvent change)
    {
        var address = new ObjectAddress(kind, change.After.Namespace, change.After.Name, "");
        if (!change.IsDelete && !WorkloadRules.Concerns(kind, change.After)) return;
        _work.Writer.TryWrite((cluster, new Work(address, change.IsDelete ? change.After : null, false)));
    }

    /// <summary>Goes on with an object of a cluster that was saved: what it waited for is over.</summary>
    public void Resume(SimulatedCluster cluster, ResourceKind kind, StoredObject stored)
    {
        if (WorkloadRules.Concerns(kind, stored)) _work.Writer.TryWrite((cluster, new Work(new ObjectAddress(kind, stored.Namespace, stored.Name, ""), null, IsDue: true)));
    }

    public async ValueTask DisposeAsync()
    {
        _work.Writer.TryComplete();
        await _running;
        lock (_timers)
        {
            foreach (var timer in _timers) timer.Dispose();
            _timers.Clear();
        }
    }

    private async Task RunAsync()
    {
        await foreach (var (cluster, work) in _work.Reader.ReadAllAsync())
        {
            try
            {
                Run(cluster, work);
            }
            catch (Exception exception) when (exception is ApiException or Fields.TypedValueException or InvalidOperationException)
            {
                // Somebody else was quicker, and their change is noted too; or the object is not what its kind says.
                LogRefused(work.Address.Kind.Plural, work.Address.Name, cluster.Name, exception.Message);
            }
        }
    }

    private void Run(SimulatedCluster cluster, Work work)
    {
        if (work.Gone is { } gone)
        {
            Collector.Follow(cluster, gone);
            return;
        }

        if (Collector.Work(cluster, work.Address)) return;
        if (!work.IsDue) Collector.CheckOwners(cluster, work.Address);
        if (WorkloadRules.Work(cluster, work.Address, work.IsDue, ManagedTime()) is { } wait) Later(cluster, work, wait);
    }

    private string ManagedTime() => Fields.ManagedFields.TimeText(time.GetUtcNow());

    private void Later(SimulatedCluster cluster, Work work, TimeSpan wait)
    {
        ITimer? timer = null;
        lock (_timers)
        {
            timer = time.CreateTimer(
                _ =>
                {
                    lock (_timers)
                    {
                        _timers.Remove(timer!);
                        timer!.Dispose();
                    }

                    _work.Writer.TryWrite((cluster, work with { IsDue = true }));
                },
                null, wait, Timeout.InfiniteTimeSpan);
            _timers.Add(timer);
        }
    }

    [LoggerMessage(7001, LogLevel.Debug, "The simulated controllers left {Kind} {Name} of {Cluster}: {Reason}")]
    private partial void LogRefused(string kind, string name, string cluster, string reason);
}
