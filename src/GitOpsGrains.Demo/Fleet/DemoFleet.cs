using System.Buffers;
using System.Text;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;

namespace GitOpsGrains.Demo.Fleet;

/// <summary>
/// The simulated clusters of the demo. What is in them outlives the process: they are saved from time to time and at the end,
/// so that a second start finds the clusters that it left.
/// </summary>
internal sealed class DemoFleet : IAsyncDisposable
{
    /// <summary>Long enough for a rollout to be seen.</summary>
    private static readonly TimeSpan ReadyAfter = TimeSpan.FromSeconds(4);

    private readonly DemoFolder _folder;

    private DemoFleet(SimulatedFleet fleet, DemoFolder folder) => (Simulated, _folder) = (fleet, folder);

    public SimulatedFleet Simulated { get; }

    /// <summary>Starts the clusters, as they were left where they were, and writes their kubeconfigs: address and tokens are new each time.</summary>
    public static async Task<DemoFleet> StartAsync(DemoFolder folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var fleet = new DemoFleet(await SimulatedFleet.StartAsync(new SimulatedFleetOptions { Time = time }, cancellationToken), folder);
        try
        {
            foreach (var cluster in DemoCluster.All) await fleet.AddAsync(cluster.Name, cancellationToken);
            // A cluster is known by the uid of a namespace: it is kept from the first moment on.
            fleet.Save();
            return fleet;
        }
        catch
        {
            await fleet.Simulated.DisposeAsync();
            throw;
        }
    }

    public void Save()
    {
        var buffer = new ArrayBufferWriter<byte>(256 * 1024);
        foreach (var cluster in Simulated.Clusters)
        {
            buffer.ResetWrittenCount();
            cluster.Save(buffer);
            DemoFolder.Write(_folder.ObjectsOf(cluster.Name), buffer.WrittenSpan);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Save();
        await Simulated.DisposeAsync();
    }

    private async Task AddAsync(string name, CancellationToken cancellationToken)
    {
        var file = _folder.ObjectsOf(name);
        try
        {
            var saved = File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellationToken) : [];
            Simulated.Add(name, new SimulatedClusterOptions { ReadyAfter = ReadyAfter, Saved = saved });
        }
        catch (InvalidDataException damaged)
        {
            throw new DemoException($"{damaged.Message} ({file}); the demo begins anew when its data directory is deleted", damaged);
        }

        DemoFolder.Write(_folder.KubeconfigOf(name), Encoding.UTF8.GetBytes(Simulated.Kubeconfig(name)));
    }
}
