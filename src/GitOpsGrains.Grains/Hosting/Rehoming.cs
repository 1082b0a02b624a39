using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Grains.Clusters;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>
/// Orleans moves nothing by itself when a silo joins: when the membership has been quiet for a while, this silo sends each
/// cluster that it serves and that belongs elsewhere there, and its targets with it.
/// </summary>
public sealed partial class Rehoming(
    IGrainFactory grains, ClusterSessions sessions, IClusterMembershipService membership, ILocalSiloDetails here, TimeProvider time, ILogger<Rehoming> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private const int Window = 16;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(Rehoming), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _following = Task.Run(() => FollowAsync(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _following;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            ClusterMember[] settled = [];
            await foreach (var _ in membership.MembershipUpdates.WithCancellation(cancellationToken))
            {
                if (Active().SequenceEqual(settled)) continue;
                ClusterMember[] before;
                do
                {
                    before = Active();
                    await Task.Delay(Quiet, time, cancellationToken);
                }
                while (!before.SequenceEqual(Active()));
                settled = before;
                await MoveAsync(settled, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private ClusterMember[] Active() =>
        [.. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).OrderBy(member => member.SiloAddress)];

    private async Task MoveAsync(ClusterMember[] silos, CancellationToken cancellationToken)
    {
        if (silos.Length < 2) return;
        var leaving = sessions.Names.Select(name => (Name: name, Home: ClusterHomes.Of(name, silos, silo => silo.Name).SiloAddress)).Where(item => !item.Home.Equals(here.SiloAddress)).ToArray();
        foreach (var window in leaving.Chunk(Window))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(window.Select(item => TryMoveAsync(item.Name, item.Home)));
        }
        if (leaving.Length > 0) LogMoved(leaving.Length, silos.Length);
    }

    /// <summary>What can't be moved now is served here on.</summary>
    private async Task TryMoveAsync(string cluster, SiloAddress home)
    {
        try
        {
            await grains.GetGrain<IClusterGrain>(cluster).MoveAsync(home.ToParsableString());
        }
#pragma warning disable CA1031 // One cluster that stays must not keep the others here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotMoved(failure, cluster);
        }
    }

    [LoggerMessage(2405, LogLevel.Information, "{Count} clusters belong to other silos of the {Silos} now, and are served there from now on")]
    private partial void LogMoved(int count, int silos);

    [LoggerMessage(2406, LogLevel.Warning, "Cluster {Cluster} belongs to another silo now and could not be handed over")]
    private partial void LogNotMoved(Exception exception, string cluster);
}
