using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class DaemonSetHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        var status = live.Root.Field("status");
        if (live.IsBehind()) return ObjectHealth.Progressing("Waiting for rollout to finish: observed daemon set generation less than desired generation");
        if (live.Root.Field("spec", "updateStrategy").Field("type").Text() == "OnDelete") return ObjectHealth.Healthy;

        var wanted = status.Field("desiredNumberScheduled").Number(0);
        var (updated, available) = (status.Field("updatedNumberScheduled").Number(0), status.Field("numberAvailable").Number(0));
        if (updated < wanted) return ObjectHealth.Progressing($"Waiting for rollout to finish: {updated} out of {wanted} new pods have been updated");
        return available < wanted
            ? ObjectHealth.Progressing($"Waiting for rollout to finish: {available} of {wanted} updated pods are available")
            : ObjectHealth.Healthy;
    }
}
