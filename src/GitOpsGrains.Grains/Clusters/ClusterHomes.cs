using System.IO.Hashing;
using System.Text;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// Which silo a cluster belongs to, by rendezvous hashing of its name with the silos' names: a silo that comes takes its share
/// from all others, one that goes leaves its own to all others, and nothing else moves.
/// </summary>
public static class ClusterHomes
{
    /// <param name="silos">Not empty; each name once.</param>
    public static T Of<T>(string cluster, IEnumerable<T> silos, Func<T, string> nameOf) =>
        silos.MaxBy(silo => (Weight(cluster, nameOf(silo)), nameOf(silo)))!;

    private static ulong Weight(string cluster, string silo) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{silo}\n{cluster}"));
}
