using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;

namespace GitOpsGrains.Simulation.Load;

/// <summary>A fleet as a process of its own: clusters c0, c1, … It answers "collect" on its input by its managed heap in bytes.</summary>
internal static class FleetServer
{
    public static async Task RunAsync(LoadOptions options)
    {
        await using var fleet = await SimulatedFleet.StartAsync();
        for (var number = 0; number < options.Clusters; number++)
            fleet.Add(string.Create(CultureInfo.InvariantCulture, $"c{number}"), new SimulatedClusterOptions { Controllers = options.Controllers > 0, ReadyAfter = TimeSpan.FromMilliseconds(1) });
        Console.WriteLine(JsonSerializer.Serialize(new { url = fleet.Url, token = fleet.AdminToken, authority = fleet.AuthorityPem }));
        while (await Console.In.ReadLineAsync() is { } line)
            if (line == "collect") Console.WriteLine(JsonSerializer.Serialize(new { heap = GC.GetTotalMemory(true), allocated = GC.GetTotalAllocatedBytes() }));
    }
}
