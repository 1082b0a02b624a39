using GitOpsGrains.Abstractions.Silos;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>
/// Asks each silo for an answer every other second: it makes the client connect, which it does only when it has something to
/// send, and finds those that hang.
/// </summary>
internal sealed class SiloPulse(SiloLink link, SilentSilos silent, IGrainFactory grains, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PauseWithout = TimeSpan.FromSeconds(1);
    private static readonly AsyncLocal<bool> Asking = new();

    public static bool IsAsking => Asking.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Asking.Value = true;
        try
        {
            await link.Started.WaitAsync(stoppingToken);
            silent.Start();
            while (true)
            {
                // Questions go to the silos in turn; none waits for another.
                for (var silo = 0; silo < silent.Known; silo++) _ = AskAsync(stoppingToken);
                await Task.Delay(link.IsOpen ? Pause : PauseWithout, time, stoppingToken);
                link.Hear(!silent.IsAll);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            silent.Hear(await grains.GetGrain<ISiloPulseGrain>(0).FeelAsync().WaitAsync(SilentSilos.MaxSilence, time, cancellationToken));
            link.Hear(true);
        }
        catch (Exception silence) when (silence is TimeoutException or OrleansException or OperationCanceledException)
        {
            // No answer is what it is there for.
        }
    }
}
