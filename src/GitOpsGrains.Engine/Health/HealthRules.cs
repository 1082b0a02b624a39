using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>
/// The built-in rules: Argo CD's for the kinds that it knows, kstatus for all other kinds that are not Kubernetes' own.
/// One file per rule. Whoever observes objects asks <see cref="HealthAssessor"/>, which knows scripts too.
/// </summary>
public static class HealthRules
{
    private static readonly Dictionary<(string Group, string Kind), Func<LiveObject, ObjectHealth?>> Rules = new()
    {
        [("", "Namespace")] = NamespaceHealth.Assess,
        [("", "PersistentVolumeClaim")] = PersistentVolumeClaimHealth.Assess,
        [("", "Pod")] = PodHealth.Assess,
        [("", "Service")] = ServiceHealth.Assess,
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = CustomResourceDefinitionHealth.Assess,
        [("apiregistration.k8s.io", "APIService")] = ApiServiceHealth.Assess,
        [("apps", "DaemonSet")] = DaemonSetHealth.Assess,
        [("apps", "Deployment")] = DeploymentHealth.Assess,
        [("apps", "ReplicaSet")] = ReplicaSetHealth.Assess,
        [("apps", "StatefulSet")] = StatefulSetHealth.Assess,
        // Its health would be that of another system's view of its own objects; Argo CD has none for it since 1.8.
        [("argoproj.io", "Application")] = _ => null,
        [("argoproj.io", "Rollout")] = RolloutHealth.Assess,
        [("argoproj.io", "Workflow")] = WorkflowHealth.Assess,
        [("autoscaling", "HorizontalPodAutoscaler")] = HorizontalPodAutoscalerHealth.Assess,
        [("batch", "CronJob")] = CronJobHealth.Assess,
        [("batch", "Job")] = JobHealth.Assess,
        [("extensions", "Ingress")] = IngressHealth.Assess,
        [("networking.k8s.io", "Ingress")] = IngressHealth.Assess,
        [("policy", "PodDisruptionBudget")] = PodDisruptionBudgetHealth.Assess,
    };

    private static readonly HashSet<(string Group, string Kind)> BusyWithoutGeneration = [("", "PersistentVolume"), ("", "ResourceQuota")];

    /// <summary>
    /// Null for an object that has no health of its own. Needs the whole object. An object of any kind that is being
    /// deleted is Progressing.
    /// </summary>
    public static ObjectHealth? Assess(LiveObject live)
    {
        if (live.IsDeleting) return ObjectHealth.PendingDeletion;
        if (Rules.TryGetValue((live.Id.Group, live.Id.Kind), out var rule)) return rule(live);
        return BuiltInGroups.Contains(live.Id.Group) ? null : GenericHealth.Assess(live);
    }

    /// <summary>
    /// Metadata alone does not tell enough: the kind has health (every custom kind may), or it has a status that
    /// controllers write all the time and no generation, so that its resourceVersion says nothing about its content.
    /// </summary>
    public static bool NeedsFullWatch(string group, string kind) =>
        !BuiltInGroups.Contains(group) || Rules.ContainsKey((group, kind)) || BusyWithoutGeneration.Contains((group, kind));

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
