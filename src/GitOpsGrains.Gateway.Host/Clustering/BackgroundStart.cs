namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>
/// Starts the client of the silos beside everything else: its own start ends only when a silo has answered, and until then the
/// gateway has to listen and to say so.
/// </summary>
internal static class BackgroundStart
{
    /// <param name="add">Registers hosted services, which are started in the background instead, one after the other.</param>
    public static void AddInBackground(this IServiceCollection services, Action<IServiceCollection> add)
    {
        var before = services.Where(IsHosted).ToHashSet();
        add(services);
        var added = services.Where(service => IsHosted(service) && !before.Contains(service)).ToArray();
        foreach (var service in added) services.Remove(service);
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<BackgroundClient>(provider, added.Select(service => service.Create<IHostedService>(provider)).ToList()));
    }

    private static bool IsHosted(ServiceDescriptor service) => service.ServiceType == typeof(IHostedService);
}

/// <summary>The client as a hosted service whose start nobody waits for. When it can't start at all, the process ends.</summary>
internal sealed partial class BackgroundClient(
    List<IHostedService> parts, SiloLink link, IHostApplicationLifetime lifetime, ILogger<BackgroundClient> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var part in parts) await part.StartAsync(stoppingToken);
            link.Start();
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            LogFailed(failure);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var part in Enumerable.Reverse(parts)) await part.StopAsync(cancellationToken);
    }

    [LoggerMessage(3105, LogLevel.Critical, "The client of the silos can't be started")]
    private partial void LogFailed(Exception exception);
}
