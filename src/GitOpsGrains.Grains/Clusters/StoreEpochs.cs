namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// Numbers the states of a server's store for the watches that are open at the same time. No number is given twice in a process:
/// what was read beside earlier watches, of this session or of one before it, can't be compared with what these show.
/// </summary>
public sealed class StoreEpochs
{
    private static int _last;

    public StoreEpochs() => NotWatched = new Observation(null, "", First);

    /// <summary>Of all watches until their server goes back.</summary>
    public int First { get; } = Next();

    /// <summary>What is said of an object whose kind is not watched, or not yet.</summary>
    public Observation NotWatched { get; }

    public static int Next() => Interlocked.Increment(ref _last);
}
