namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// How long a session waits before it looks at its server again. A broken watch makes it look at once, so that a ready server is
/// looked at for what no watch shows: another cluster behind its address, another installation that holds its Lease. A silo of
/// many clusters spends at most some 33 looks a second on that. Pure.
/// </summary>
internal static class ProbePace
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10), Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Each = TimeSpan.FromMilliseconds(30);

    /// <param name="clusters">That this silo serves.</param>
    public static TimeSpan Of(int clusters, bool isReady) =>
        !isReady || clusters * Each < Shortest ? Shortest : clusters * Each < Longest ? clusters * Each : Longest;
}
