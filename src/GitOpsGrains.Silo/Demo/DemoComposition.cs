using GitOpsGrains.Demo;
using GitOpsGrains.Demo.Hosting;
using GitOpsGrains.Silo.Configuration;

namespace GitOpsGrains.Silo.Demo;

/// <summary>Adds the demo to a silo that was asked for it.</summary>
public static class DemoComposition
{
    /// <summary>Settings below the others: what is set anywhere else wins.</summary>
    private static readonly Dictionary<string, string?> Quiet = new() { ["Logging:LogLevel:Default"] = "Warning" };

    public static void AddDemo(this WebApplicationBuilder builder, SiloSettings settings)
    {
        if (!settings.IsDemo) return;
        builder.Configuration.AddInMemoryCollection(Quiet).AddEnvironmentVariables("GITOPSGRAINS__");
        // By a factory: what the container made, it disposes of, and that saves the clusters.
        builder.Services.AddSingleton(_ => new DemoHost(new DemoOptions { DataDirectory = settings.DataDirectory, DriftEvery = settings.DemoDriftEvery }));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DemoStage>();
    }
}
