using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>The other side of <see cref="Simulator"/>: this program, started once more, serves simulated clusters and does nothing else.</summary>
internal static class SimulatorHost
{
    public const string Verb = "simulator";
    public const string UserToken = "benchmark-of-simulated-clusters";

    /// <summary>Arguments: the folder for kubeconfigs and the number of clusters. Runs until it is killed.</summary>
    public static async Task<int> RunAsync(string folder, int clusters)
    {
        await using var fleet = await SimulatedFleet.StartAsync();
        var options = new SimulatedClusterOptions { ReadyAfter = TimeSpan.FromMilliseconds(100), Users = [new SimulatedUser("bench", UserToken, IsAdministrator: true)] };
        Directory.CreateDirectory(folder);
        for (var index = 0; index < clusters; index++)
        {
            var name = Simulator.NameOf(index);
            fleet.Add(name, options);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.yaml"), fleet.Kubeconfig(name));
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "authority.pem"), fleet.AuthorityPem);
        // Renamed when it is whole: its presence says that all is there.
        await File.WriteAllLinesAsync(Path.Combine(folder, "fleet.part"), [fleet.Url.OriginalString, fleet.AdminToken]);
        File.Move(Path.Combine(folder, "fleet.part"), Path.Combine(folder, Simulator.ReadyFile));
        await new TaskCompletionSource().Task;
        return 0;
    }
}
