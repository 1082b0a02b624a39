using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Adopts an object of another tool with one write where that is enough. Two dry runs tell: what the tool would still own
/// beside us, and whether that is more than what the server fills in.
/// </summary>
internal static class Adoption
{
    /// <summary>
    /// Whether nothing that Git lacks would outlive the apply, although the other tool's entries are not merged into ours
    /// first. False too for an object that we applied before, and when a dry run is refused.
    /// </summary>
    public static async Task<bool> TakesOneWriteAsync(
        IClusterConnection connection, ApiResource resource, DesiredObject desired, LiveObject live, CancellationToken cancellationToken)
    {
        if (ManagedFields.Own(live) is not null) return false;
        var applied = await connection.ApplyAsync(
            resource, desired.Id, desired.FencedBody(live.Uid, live.ResourceVersion), new ApplyOptions(DryRun: true, Force: true), cancellationToken);
        if (!applied.IsSuccess || Leftovers.Of(applied.Value) is not { } rest) return false;
        if (rest.IsEmpty) return true;
        var name = $"new-{Guid.NewGuid():N}";
        var made = await connection.ApplyAsync(
            resource, desired.Id with { Name = name }, desired.NamedBody(name), new ApplyOptions(DryRun: true, Force: false), cancellationToken);
        return made.IsSuccess && Leftovers.AreDefaults(rest, applied.Value, made.Value);
    }
}
