using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class DeploymentHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        var (spec, status) = (live.Root.Field("spec"), live.Root.Field("status"));
        if (spec.Field("paused").IsTrue()) return ObjectHealth.Suspended("Deployment is paused");
        if (live.IsBehind()) return ObjectHealth.Progressing("Waiting for rollout to finish: observed deployment generation less than desired generation");
        if (live.Condition("Progressing").Field("reason").Text() == "ProgressDeadlineExceeded")
            return ObjectHealth.Degraded($"Deployment \"{live.Id.Name}\" exceeded its progress deadline");

        var updated = status.Field("updatedReplicas").Number(0);
        var (wanted, all, available) = (spec.Field("replicas").Number(1), status.Field("replicas").Number(0), status.Field("availableReplicas").Number(0));
        if (updated < wanted) return ObjectHealth.Progressing($"Waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated");
        if (all > updated) return ObjectHealth.Progressing($"Waiting for rollout to finish: {all - updated} old replicas are pending termination");
        if (available < updated) return ObjectHealth.Progressing($"Waiting for rollout to finish: {available} of {updated} updated replicas are available");
        return ObjectHealth.Healthy;
    }
}
