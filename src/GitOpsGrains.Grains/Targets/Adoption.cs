using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Adopts an object of another tool with one write: a dry run of our apply tells what that write has to be.</summary>
internal static class Adoption
{
    /// <summary>
    /// The patch that adopts the object. Null when an apply alone does, when we applied it before, and when the dry run is
    /// refused: then the apply itself says why.
    /// </summary>
    public static async Task<AdoptionWrite?> PlanAsync(
        IClusterConnection connection, ApiResource resource, DesiredObject desired, LiveObject live, CancellationToken cancellationToken)
    {
        if (ManagedFields.Own(live) is not null) return null;
        var applied = await connection.ApplyAsync(
            resource, desired.Id, desired.FencedBody(live.Uid, live.ResourceVersion), new ApplyOptions(DryRun: true, Force: true), cancellationToken);
        return applied.IsSuccess ? AdoptionPatch.Plan(live, applied.Value) : null;
    }
}
