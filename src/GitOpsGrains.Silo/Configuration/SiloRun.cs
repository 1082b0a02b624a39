using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Demo;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Lua.Customizations;
using GitOpsGrains.Silo.Demo;
using GitOpsGrains.Storage;
using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Hosting;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>Starting, saying so, and ending with a sentence instead of a stack where the cause is the user's to mend.</summary>
public static class SiloRun
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => "ok");
        app.MapGet("/readyz", (IHostApplicationLifetime lifetime) =>
            lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested
                ? Results.Text("ok") : Results.Text("starting or stopping", statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    public static async Task<int> RunSiloAsync(this WebApplication app, SiloSettings settings)
    {
        // Asked first: a host that fails to start on it tells its whole stack.
        if (IsTaken(settings.Url))
        {
            await Console.Error.WriteLineAsync($"error: {AddressTaken(settings.Url)}");
            return 1;
        }
        try
        {
            // Read before anything is watched: a file that can't be used stops the start.
            _ = app.Services.GetService<IHealthScripts>();
            // Asked before the host starts: a silo that fails to start on it tells its whole stack.
            await app.Services.GetRequiredService<StorageBackend>().ProbeAsync(CancellationToken.None);
            await app.StartAsync();
        }
        catch (Exception ex) when (Cause(ex, settings) is { } cause)
        {
            await Console.Error.WriteLineAsync($"error: {cause}");
            return 1;
        }
        Console.WriteLine($"GitOpsGrains is ready on {settings.Url} ({Place(settings.Storage)}data in {settings.DataDirectory}, token in {settings.AdminTokenFile})");
        if (!settings.IsDemo && new DemoFolder(settings.DataDirectory).IsPlayed)
            Console.WriteLine("note: this is the data of a demo, whose clusters are simulated and only there with --demo");
        var demo = DemoPlay.PlayAsync(app, settings);
        await app.WaitForShutdownAsync();
        return await demo;
    }

    private static string Place(StorageSettings storage) =>
        storage.IsEmbedded ? "" : $"state in {storage.Choice.Kind}, cluster {storage.ClusterId}, ";

    private static string AddressTaken(Uri url) => $"{url} is in use by another process; set another address with GITOPSGRAINS__Http__Url";

    private static bool IsTaken(Uri url)
    {
        var address = IPAddress.TryParse(url.Host, out var given) ? given : url.IsLoopback ? IPAddress.Loopback : IPAddress.Any;
        try
        {
            using var listener = new TcpListener(address, url.Port);
            listener.Start();
            return false;
        }
        catch (SocketException busy) when (busy.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
        catch (SocketException)
        {
            // Whatever else is wrong with the address, the start itself says it.
            return false;
        }
    }

    /// <summary>The sentence of an error that a user can mend; null for all others.</summary>
    private static string? Cause(Exception exception, SiloSettings settings)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (current is DataDirectoryInUseException or EmbeddedStorageException or StorageSettingsException or StorageUnavailableException or InstallationNameException or CustomizationsException or DemoException) return current.Message;
            if (current is Microsoft.AspNetCore.Connections.AddressInUseException) return AddressTaken(settings.Url);
        }
        return exception is AggregateException aggregate ? aggregate.InnerExceptions.Select(inner => Cause(inner, settings)).FirstOrDefault(cause => cause is not null) : null;
    }
}
