namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// How long a session waits before it looks at its server again. A broken watch makes it look at once, so that a ready server is
/// looked at for what no watch shows: another cluster behind its address, another installation that holds its Lease. A silo of
/// many clusters spends at most some 33 looks a second on that. One that is away is looked at after 1, 2, 4, 8 and then each 10 s:
/// most are away for the moment that a restart takes. Pure.
/// </summary>
internal static class ProbePace
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10), Longest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Each = TimeSpan.FromMilliseconds(30);

    private static readonly TimeSpan FirstOfAway = TimeSpan.FromSeconds(1);

    /// <param name="clusters">That this silo serves.</param>
    /// <param name="inVain">So many looks in a row have found the server not to be usable.</param>
    public static TimeSpan Of(int clusters, int inVain) => inVain > 0
        ? Least(FirstOfAway * Math.Pow(2, Math.Min(inVain - 1, 10)), Shortest)
        : clusters * Each < Shortest ? Shortest : Least(clusters * Each, Longest);

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
