using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class CronJobHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        if (live.Root.Field("spec", "suspend").IsTrue()) return Healthy("CronJob is suspended");
        var status = live.Root.Field("status");
        if (!status.IsPresent()) return ObjectHealth.Progressing("Waiting for the CronJob");
        var (scheduled, succeeded) = (status.Field("lastScheduleTime").Text(), status.Field("lastSuccessfulTime").Text());
        if (scheduled.Length == 0) return Healthy("CronJob has not been scheduled yet");
        // Whether the first run failed or is still on its way can't be told from here.
        if (succeeded.Length == 0) return Healthy("CronJob has never completed successfully; it may not be healthy");
        if (status.Field("active").Items().Any()) return Healthy("The job is running; its last run may not have been successful");
        // Both are RFC 3339 in UTC: text order is time order.
        return string.CompareOrdinal(succeeded, scheduled) < 0
            ? ObjectHealth.Degraded("CronJob has not completed its last run successfully")
            : Healthy("CronJob has completed its last run successfully");
    }

    private static ObjectHealth Healthy(string message) => ObjectHealth.Healthy with { Message = message };
}
