using GitOpsGrains.Engine.Health;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Lua.Customizations;
using GitOpsGrains.Storage;
using GitOpsGrains.Storage.Directories;

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
        try
        {
            // Read before anything is watched: a file that can't be used stops the start.
            _ = app.Services.GetService<IHealthScripts>();
            await app.StartAsync();
        }
        catch (Exception ex) when (Cause(ex) is { } cause)
        {
            await Console.Error.WriteLineAsync($"error: {cause}");
            return 1;
        }
        Console.WriteLine($"GitOpsGrains is ready on {settings.Url} (data in {settings.DataDirectory}, token in {Path.Combine(settings.DataDirectory, "admin-token")})");
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>The sentence of an error that a user can mend; null for all others.</summary>
    private static string? Cause(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (current is DataDirectoryInUseException or EmbeddedStorageException or InstallationNameException or CustomizationsException) return current.Message;
            if (current is Microsoft.AspNetCore.Connections.AddressInUseException) return "the address is in use by another process; set another with GITOPSGRAINS__Http__Url";
        }
        return exception is AggregateException aggregate ? aggregate.InnerExceptions.Select(Cause).FirstOrDefault(cause => cause is not null) : null;
    }
}
