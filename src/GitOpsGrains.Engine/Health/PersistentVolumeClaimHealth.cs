using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class PersistentVolumeClaimHealth
{
    public static ObjectHealth Assess(LiveObject live) => live.Root.Field("status", "phase").Text() switch
    {
        "Bound" => ObjectHealth.Healthy,
        "Lost" => ObjectHealth.Degraded("The volume is lost"),
        "Pending" => ObjectHealth.Progressing("Waiting for a volume"),
        var other => ObjectHealth.Unknown(other),
    };
}
