using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class StatefulSetHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        var (spec, status) = (live.Root.Field("spec"), live.Root.Field("status"));
        if (status.Field("observedGeneration").Number(0) == 0 || live.IsBehind())
            return ObjectHealth.Progressing("Waiting for statefulset spec update to be observed");

        var (wanted, ready) = (spec.Field("replicas").Number(1), status.Field("readyReplicas").Number(0));
        if (ready < wanted) return ObjectHealth.Progressing($"Waiting for {wanted - ready} pods to be ready");

        var strategy = spec.Field("updateStrategy");
        var isRolling = strategy.Field("type").Text() is "RollingUpdate" or "";
        var rolling = strategy.Field("rollingUpdate");
        if (isRolling && rolling.IsPresent())
        {
            var (partition, updated) = (rolling.Field("partition").Number(0), status.Field("updatedReplicas").Number(0));
            return partition > 0 && updated < wanted - partition
                ? ObjectHealth.Progressing($"Waiting for partitioned roll out to finish: {updated} out of {wanted - partition} new pods have been updated")
                : ObjectHealth.Healthy;
        }

        if (!isRolling) return ObjectHealth.Healthy;
        var revision = status.Field("updateRevision").Text();
        return revision == status.Field("currentRevision").Text()
            ? ObjectHealth.Healthy
            : ObjectHealth.Progressing($"Waiting for statefulset rolling update to complete: {status.Field("updatedReplicas").Number(0)} pods at revision {revision}");
    }
}
