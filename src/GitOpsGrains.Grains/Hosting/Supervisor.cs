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
    IGrainFactory grains, IManifestStore manifests, IClusterMembershipService membership, ILocalSiloDetails here, IOptions<GitOpsGrainsOptions> options,
    TimeProvider time, ILogger<Supervisor> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private const int Window = 256;
    private static readonly TimeSpan ManifestsKept = TimeSpan.FromDays(14);

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
        await WakeAsync<IClusterGrain>(CatalogKind.Cluster, grain => grain.WakeAsync(), share, cancellationToken);
        await WakeAsync<IRepositoryGrain>(CatalogKind.Repository, grain => grain.WakeAsync(), share, cancellationToken);
        await WakeAsync<IApplicationGrain>(CatalogKind.Application, grain => grain.WakeAsync(), share, cancellationToken);
    }

    /// <summary>Once a day removes the manifest sets that no target has renewed for 14 days.</summary>
    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        using var days = new PeriodicTimer(TimeSpan.FromDays(1), time);
        try
        {
            while (await days.WaitForNextTickAsync(cancellationToken))
                LogCleaned(await manifests.RemoveUnrenewedAsync(time.GetUtcNow() - ManifestsKept, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task WakeAsync<TGrain>(CatalogKind kind, Func<TGrain, Task> wake, WakeShare share, CancellationToken cancellationToken)
        where TGrain : IGrainWithStringKey
    {
        string[] names = [.. (await GrainReach.AskAsync(() => CatalogPartitions.ListAsync(grains, kind), failure => failure is OrleansException or TimeoutException, LogTriesAgain, time, cancellationToken)).Where(share.Has)];
        foreach (var window in names.Chunk(Window))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(window.Select(name => TryAsync(kind, name, wake)));
        }
        if (names.Length > 0) LogAwake(names.Length, kind);
    }

    /// <summary>One grain that can't be woken must not keep the others asleep; its reminder tries again.</summary>
    private async Task TryAsync<TGrain>(CatalogKind kind, string name, Func<TGrain, Task> wake)
        where TGrain : IGrainWithStringKey
    {
        try
        {
            await wake(grains.GetGrain<TGrain>(name));
        }
#pragma warning disable CA1031
        catch (Exception ex)
#pragma warning restore CA1031
        {
            LogNotAwake(ex, kind, name);
        }
    }

    [LoggerMessage(2401, LogLevel.Information, "Woke {Count} of kind {Kind}")]
    private partial void LogAwake(int count, CatalogKind kind);

    [LoggerMessage(2402, LogLevel.Error, "{Kind} {Name} could not be woken")]
    private partial void LogNotAwake(Exception exception, CatalogKind kind, string name);

    [LoggerMessage(2403, LogLevel.Information, "Removed {Count} manifest sets that nothing needs any more")]
    private partial void LogCleaned(int count);

    [LoggerMessage(2404, LogLevel.Warning, "A grain that a silo needs can't be reached; tried again soon")]
    private partial void LogTriesAgain(Exception exception);
}
