using System.Diagnostics;
using System.Net;
using GitOpsGrains.Demo;
using GitOpsGrains.Demo.Hosting;
using GitOpsGrains.Silo.Configuration;

namespace GitOpsGrains.Silo.Demo;

/// <summary>Plays the demo on a silo that is ready, until the silo ends; a demo that can't go on ends the silo.</summary>
internal static class DemoPlay
{
    /// <summary>The exit code. Without a demo it ends at once.</summary>
    public static async Task<int> PlayAsync(WebApplication app, SiloSettings settings)
    {
        if (app.Services.GetService<DemoHost>() is not { } demo) return 0;
        using var process = Process.GetCurrentProcess();
        try
        {
            await demo.PlayAsync(LocalAddress(settings.Url), settings.AdminTokenFile, process.StartTime, Console.Out, app.Lifetime.ApplicationStopping);
            return 0;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception failure) when (failure is DemoException or IOException or UnauthorizedAccessException)
        {
            // Requests that the end of the server cuts off are no faults of the demo.
            if (app.Lifetime.ApplicationStopping.IsCancellationRequested) return 0;
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            app.Lifetime.StopApplication();
            return 1;
        }
    }

    /// <summary>Where a server that listens on all addresses is found from here.</summary>
    private static Uri LocalAddress(Uri url) =>
        IPAddress.TryParse(url.Host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) ? new UriBuilder(url) { Host = "127.0.0.1" }.Uri : url;
}
