using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// Asks a shared storage of which a silo has heard nothing for a while, so that a silo that has nothing to do knows of its loss; and
/// writes a record of its own to one that fails until it takes it, so that a silo that gets no requests any more knows of its return.
/// </summary>
internal sealed class StorageProbe(StorageBackend storage, StorageHealth health, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const string StateName = "probe";
    private static readonly GrainId Record = GrainId.Create("storage", "probe");
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle observer) => observer.Subscribe(nameof(StorageProbe), ServiceLifecycleStage.Active, _ =>
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }, async _ =>
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    });

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(Pause, time, _stopping.Token);
            if (health.IsFailing || health.Silence >= Silence) await AskAsync();
        }
    }

    private async Task AskAsync()
    {
        try
        {
            var record = new GrainState<StorageProbeState>(new StorageProbeState());
            await storage.State.ReadStateAsync(StateName, Record, record).WaitAsync(AnswerTime, time, _stopping.Token);
            if (health.IsFailing) await storage.State.WriteStateAsync(StateName, Record, record).WaitAsync(AnswerTime, time, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever it is, it is what the probe is there to find out, and readiness tells it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            health.Failed(failure);
        }
    }
}

/// <summary>The record that a probe writes.</summary>
public sealed class StorageProbeState
{
    public int Version { get; set; } = 1;
}
