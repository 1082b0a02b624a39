using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Installations;
using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Abstractions.Repositories;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>Wakes everything that the catalog names when the silo starts: clusters first, so that targets find their sessions.</summary>
public sealed partial class Supervisor(
    IGrainFactory grains, IManifestStore manifests, IOptions<GitOpsGrainsOptions> options, TimeProvider time, ILogger<Supervisor> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private const int Window = 256;
    private static readonly TimeSpan ManifestsKept = TimeSpan.FromDays(14);

    private readonly CancellationTokenSource _stopping = new();
    private Task _waking = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(Supervisor), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var identity = await grains.GetGrain<IInstallationGrain>(0).EnsureAsync(options.Value.Installation);
        if (identity.Name != options.Value.Installation) throw new InstallationNameException(identity.Name, options.Value.Installation);
        _waking = Task.Run(() => Task.WhenAll(WakeAllAsync(_stopping.Token), CleanAsync(_stopping.Token)), CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _waking;
    }

    private async Task WakeAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WakeAsync<IClusterGrain>(CatalogKind.Cluster, grain => grain.WakeAsync(), cancellationToken);
            await WakeAsync<IRepositoryGrain>(CatalogKind.Repository, grain => grain.WakeAsync(), cancellationToken);
            await WakeAsync<IApplicationGrain>(CatalogKind.Application, grain => grain.WakeAsync(), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
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

    private async Task WakeAsync<TGrain>(CatalogKind kind, Func<TGrain, Task> wake, CancellationToken cancellationToken)
        where TGrain : IGrainWithStringKey
    {
        var names = await CatalogPartitions.ListAsync(grains, kind);
        foreach (var window in names.Chunk(Window))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(window.Select(name => TryAsync(kind, name, wake)));
        }
        if (names.Count > 0) LogAwake(names.Count, kind);
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
}
