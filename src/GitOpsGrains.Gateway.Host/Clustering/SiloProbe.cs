using Orleans.Runtime;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>The client connects only when it has something to send: while no silo is connected this sends a question every second.</summary>
internal sealed class SiloProbe(SiloLink link, IGrainFactory grains, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly AsyncLocal<bool> Probing = new();

    public static bool IsProbing => Probing.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Probing.Value = true;
        try
        {
            while (true)
            {
                await link.Closed.WaitAsync(stoppingToken);
                await AskAsync(stoppingToken);
                await Task.Delay(Pause, time, stoppingToken);
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
            await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception silence) when (silence is TimeoutException or OrleansException)
        {
            // No answer is what it is there for; the link tells when one is connected.
        }
    }
}
