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
    public static async Task<int> RunSiloAsync(this WebApplication app, SiloSettings settings)
    {
        if (settings.Listeners.Taken() is { } taken)
        {
            await Console.Error.WriteLineAsync($"error: {taken}");
            return 1;
        }
        if (FindDataFault(settings.DataDirectory) is { } fault)
        {
            await Console.Error.WriteLineAsync($"error: {fault}");
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
        Console.WriteLine($"GitOpsGrains is ready on {settings.Listeners} ({Place(settings.Storage)}data in {settings.DataDirectory}, token in {settings.AdminTokenFile})");
        if (!settings.IsDemo && new DemoFolder(settings.DataDirectory).IsPlayed)
            Console.WriteLine("note: this is the data of a demo, whose clusters are simulated and only there with --demo");
        if (settings.Endpoints.IsOpen)
            Console.WriteLine($"note: whoever reaches this silo's ports at {settings.Endpoints.Address} is an administrator; keep them inside your own network, or set GITOPSGRAINS__Silo__Tls__…");
        var demo = DemoPlay.PlayAsync(app, settings);
        await app.WaitForShutdownAsync();
        return await demo;
    }

    /// <summary>Asked before the start, whose failure would tell its whole stack: a volume that belongs to another user is a common mistake.</summary>
    private static string? FindDataFault(string directory)
    {
        var probe = Path.Combine(directory, $".writable-{Environment.ProcessId}");
        try
        {
            DataDirectoryLock.CreatePrivateDirectory(directory);
            using var file = new FileStream(probe, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"nothing can be written to the data directory '{directory}' by this user: {refused.Message}";
        }
    }

    private static string Place(StorageSettings storage) =>
        storage.IsEmbedded ? "" : $"state in {storage.Choice.Kind}, cluster {storage.ClusterId}, ";

    /// <summary>The sentence of an error that a user can mend; null for all others.</summary>
    private static string? Cause(Exception exception, SiloSettings settings)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (current is DataDirectoryInUseException or EmbeddedStorageException or StorageSettingsException or StorageUnavailableException or InstallationNameException or CustomizationsException or DemoException) return current.Message;
            if (current is Microsoft.AspNetCore.Connections.AddressInUseException) return settings.Listeners.Taken() ?? current.Message;
        }
        return exception is AggregateException aggregate ? aggregate.InnerExceptions.Select(inner => Cause(inner, settings)).FirstOrDefault(cause => cause is not null) : null;
    }
}
