namespace GitOpsGrains.Gateway.Host.Configuration;

/// <summary>Starting, saying so, and ending with a sentence instead of a stack where the cause is the user's to mend.</summary>
public static class GatewayRun
{
    public static async Task<int> RunGatewayAsync(this WebApplication app, GatewaySettings settings)
    {
        if (settings.Listeners.Taken() is { } taken)
        {
            await Console.Error.WriteLineAsync($"error: {taken}");
            return 1;
        }
        try
        {
            await app.StartAsync();
        }
        catch (IOException failure)
        {
            await Console.Error.WriteLineAsync($"error: {settings.Listeners.Taken() ?? failure.Message}");
            return 1;
        }
        Console.WriteLine($"GitOpsGrains gateway is listening on {settings.Listeners} (silos: {settings.Clustering})");
        await app.WaitForShutdownAsync();
        return Environment.ExitCode;
    }
}
