using System.Buffers;
using System.Globalization;
using GitOpsGrains.Demo;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;

namespace GitOpsGrains.Simulation.Load;

/// <summary>Changes a cluster and saves it as the demo does, without a pause, until it is killed; prints a version once it is saved.</summary>
internal static class Saves
{
    public static async Task RunAsync(LoadOptions options)
    {
        var file = Path.Combine(options.Folder, "c0.json");
        await using var fleet = await SimulatedFleet.StartAsync();
        var cluster = fleet.Add("c0", new SimulatedClusterOptions { Controllers = false, Saved = File.Exists(file) ? await File.ReadAllBytesAsync(file) : [] });
        using var client = FleetProcess.NewClient(fleet.Url, cluster.Users[0].Token, fleet.AuthorityPem);
        client.BaseAddress = new Uri(fleet.Url, "/clusters/c0/");
        var buffer = new ArrayBufferWriter<byte>();
        for (var revision = 0; ; revision++)
        {
            var version = await Applies.ApplyAsync(client, "configmap", revision % 500, revision);
            buffer.ResetWrittenCount();
            cluster.Save(buffer);
            DemoFolder.Write(file, buffer.WrittenSpan);
            Console.WriteLine(version.ToString(CultureInfo.InvariantCulture));
        }
    }
}
