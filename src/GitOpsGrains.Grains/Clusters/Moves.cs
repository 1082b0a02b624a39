using GitOpsGrains.Abstractions.Silos;

namespace GitOpsGrains.Grains.Clusters;

internal static class Moves
{
    /// <summary>Ends the activation as soon as it is idle, and begins it anew on that silo.</summary>
    public static void MoveTo(this IGrainBase grain, SiloAddress home)
    {
        RequestContext.Set(ISiloGrain.PlacementHint, home);
        grain.MigrateOnIdle();
    }
}
