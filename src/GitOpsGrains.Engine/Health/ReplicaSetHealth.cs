using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class ReplicaSetHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        if (live.IsBehind()) return ObjectHealth.Progressing("Waiting for rollout to finish: observed replica set generation less than desired generation");
        if (live.HasCondition("ReplicaFailure", "True")) return ObjectHealth.Degraded(live.Condition("ReplicaFailure").Field("message").Text());
        var (wanted, available) = (live.Root.Field("spec", "replicas").Number(1), live.Root.Field("status", "availableReplicas").Number(0));
        return available < wanted
            ? ObjectHealth.Progressing($"Waiting for rollout to finish: {available} out of {wanted} new replicas are available")
            : ObjectHealth.Healthy;
    }
}
