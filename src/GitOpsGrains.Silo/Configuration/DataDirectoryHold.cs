using GitOpsGrains.Storage.Directories;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>Keeps a second silo off this one's data directory where the storage does not do it: mirrors of repositories lie there.</summary>
internal sealed class DataDirectoryHold(SiloSettings settings, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private DataDirectoryLock? _lock;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(DataDirectoryHold), ServiceLifecycleStage.RuntimeInitialize, TakeAsync, GiveBackAsync);

    private Task TakeAsync(CancellationToken cancellationToken)
    {
        _lock = DataDirectoryLock.Acquire(settings.DataDirectory, time);
        return Task.CompletedTask;
    }

    private Task GiveBackAsync(CancellationToken cancellationToken)
    {
        _lock?.Dispose();
        return Task.CompletedTask;
    }
}
