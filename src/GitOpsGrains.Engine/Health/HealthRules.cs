using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>How live objects do, by Argo CD's rules. One file per kind.</summary>
public static class HealthRules
{
    private static readonly Dictionary<(string Group, string Kind), Func<LiveObject, ObjectHealth>> Rules = new()
    {
        [("", "Namespace")] = NamespaceHealth.Assess,
        [("", "PersistentVolumeClaim")] = PersistentVolumeClaimHealth.Assess,
        [("", "Pod")] = PodHealth.Assess,
        [("", "Service")] = ServiceHealth.Assess,
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = CustomResourceDefinitionHealth.Assess,
        [("apps", "DaemonSet")] = DaemonSetHealth.Assess,
        [("apps", "Deployment")] = DeploymentHealth.Assess,
        [("apps", "ReplicaSet")] = ReplicaSetHealth.Assess,
        [("apps", "StatefulSet")] = StatefulSetHealth.Assess,
        [("batch", "Job")] = JobHealth.Assess,
    };

    private static readonly HashSet<(string Group, string Kind)> BusyWithoutGeneration =
    [
        ("", "PersistentVolume"), ("", "ResourceQuota"), ("autoscaling", "HorizontalPodAutoscaler"), ("batch", "CronJob"),
    ];

    /// <summary>
    /// Null for kinds that have no health of their own. Needs the whole object. An object of any kind that is being
    /// deleted is Progressing.
    /// </summary>
    public static ObjectHealth? Assess(LiveObject live)
    {
        if (live.IsDeleting) return ObjectHealth.PendingDeletion;
        return Rules.TryGetValue((live.Id.Group, live.Id.Kind), out var rule) ? rule(live) : null;
    }

    /// <summary>
    /// Metadata alone does not tell enough: the kind has health, or it has a status that controllers write all the time
    /// and no generation, so that its resourceVersion says nothing about its content.
    /// </summary>
    public static bool NeedsFullWatch(string group, string kind) => Rules.ContainsKey((group, kind)) || BusyWithoutGeneration.Contains((group, kind));

    /// <summary>The kinds of a CustomResourceDefinition can be used: what a sync waits for before it applies objects of them.</summary>
    public static bool IsEstablished(LiveObject definition) => definition.HasCondition("Established", "True");

    /// <summary>The worst of all; Healthy if there are none.</summary>
    public static HealthStatus Worst(IEnumerable<HealthStatus> statuses)
    {
        var worst = HealthStatus.Healthy;
        foreach (var status in statuses)
            if (status > worst)
                worst = status;
        return worst;
    }
}
