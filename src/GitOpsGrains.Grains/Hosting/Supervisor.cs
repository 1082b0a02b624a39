using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Installations;
using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Abstractions.Repositories;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>
/// Wakes everything that the catalog names when the silo starts, and when another silo is gone, whose grains nobody else would
/// miss until their reminders: clusters first, so that targets find their sessions.
/// </summary>
public sealed partial class Supervisor(
    IGrainFactory grains, Waker waker, IManifestStore manifests, IClusterMembershipService membership, ILocalSiloDetails here, IOptions<GitOpsGrainsOptions> options,
    TimeProvider time, ILogger<Supervisor> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly CatalogKind[] WokenInOrder = [CatalogKind.Cluster, CatalogKind.Repository, CatalogKind.Application];
    private static readonly TimeSpan ManifestsKept = TimeSpan.FromDays(14);

    /// <summary>Minutes after the start; silos that start together do not sweep together.</summary>
    private static readonly (int Earliest, int Latest) FirstCleaning = (60, 120);

    private readonly CancellationTokenSource _stopping = new();
    private Task _waking = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(Supervisor), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var identity = await GrainReach.AskAsync(() => grains.GetGrain<IInstallationGrain>(0).EnsureAsync(options.Value.Installation), GrainReach.IsOutOfReach, LogTriesAgain, time, cancellationToken);
        if (identity.Name != options.Value.Installation) throw new InstallationNameException(identity.Name, options.Value.Installation);
        _waking = Task.Run(() => Task.WhenAll(FollowAsync(_stopping.Token), CleanAsync(_stopping.Token)), CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        waker.Stop();
        await _waking;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WakeAllAsync(WakeShare.All, cancellationToken);
            SiloAddress[] known = [];
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(cancellationToken))
            {
                SiloAddress[] active = [.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).Order()];
                if (known.Except(active).Any() && WakeShare.Of(here.SiloAddress, active) is { } share) await WakeAllAsync(share, cancellationToken);
                known = active;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task WakeAllAsync(WakeShare share, CancellationToken cancellationToken)
    {
        foreach (var kind in WokenInOrder) await WakeAsync(kind, share, cancellationToken);
    }

    /// <summary>
    /// Once a day removes the manifest sets that no target has renewed for 14 days. First while the silo is young, for one that is
    /// started anew every day, but not before targets have had the time to renew what a long standstill has left unrenewed.
    /// </summary>
    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMinutes(Random.Shared.Next(FirstCleaning.Earliest, FirstCleaning.Latest)), time, cancellationToken);
            using var days = new PeriodicTimer(TimeSpan.FromDays(1), time);
            do await CleanOnceAsync(cancellationToken);
            while (await days.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task CleanOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            LogCleaned(await manifests.RemoveUnrenewedAsync(time.GetUtcNow() - ManifestsKept, cancellationToken));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotCleaned(failure);
        }
    }

    /// <summary>Ends when each has been told once: one that can't be woken must not keep the others asleep.</summary>
    private async Task WakeAsync(CatalogKind kind, WakeShare share, CancellationToken cancellationToken)
    {
        string[] names = [.. (await GrainReach.AskAsync(() => CatalogPartitions.ListAsync(grains, kind), failure => failure is OrleansException or TimeoutException, LogTriesAgain, time, cancellationToken)).Where(share.Has)];
        await waker.WakeAsync(kind, names);
        cancellationToken.ThrowIfCancellationRequested();
        if (names.Length > 0) LogAwake(names.Length, kind);
    }

    [LoggerMessage(2401, LogLevel.Information, "Woke {Count} of kind {Kind}")]
    private partial void LogAwake(int count, CatalogKind kind);

    [LoggerMessage(2403, LogLevel.Information, "Removed {Count} manifest sets that nothing needs any more")]
    private partial void LogCleaned(int count);

    [LoggerMessage(2408, LogLevel.Error, "The manifest sets that nothing needs any more could not all be removed; tried again in a day")]
    private partial void LogNotCleaned(Exception exception);

    [LoggerMessage(2404, LogLevel.Warning, "A grain that a silo needs can't be reached; tried again soon")]
    private partial void LogTriesAgain(Exception exception);
}
