using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class JobHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        if (live.HasCondition("Failed", "True")) return ObjectHealth.Degraded(live.Condition("Failed").Field("message").Text());
        if (live.HasCondition("Suspended", "True")) return ObjectHealth.Suspended(live.Condition("Suspended").Field("message").Text());
        return live.HasCondition("Complete", "True") ? ObjectHealth.Healthy : ObjectHealth.Progressing("Waiting for the job to complete");
    }
}
