using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Engine.Plan;

/// <summary>
/// The total, stable order of a sync: wave, then kind (namespaces and definitions before all, then Argo CD's list, then
/// the rest), then group, kind, namespace, name. A namespace or a definition moves to the wave of the first object that needs it.
/// </summary>
public static class ApplyOrder
{
    private static readonly string[] Kinds =
    [
        "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget", "ServiceAccount", "Secret",
        "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "ClusterRole", "ClusterRoleBinding", "Role",
        "RoleBinding", "Service", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment",
        "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService",
    ];

    private static readonly Dictionary<string, int> Ranks =
        Kinds.Select((kind, index) => (kind, index)).ToDictionary(pair => pair.kind, pair => pair.index + 2, StringComparer.Ordinal);

    /// <summary>0 for Namespace, 1 for CustomResourceDefinition, then in the order of the list; kinds that are not in it come last.</summary>
    public static int Rank(ResourceId id)
    {
        if (IsNamespace(id)) return 0;
        if (IsDefinition(id)) return 1;
        return Ranks.GetValueOrDefault(id.Kind, Kinds.Length + 2);
    }

    public static bool IsNamespace(ResourceId id) => id is { Group: "", Kind: "Namespace" };

    public static bool IsDefinition(ResourceId id) => id is { Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition" };

    /// <summary>In apply order; for deletions use <see cref="CompareReversed"/>.</summary>
    public static int Compare(ResourceId left, ResourceId right)
    {
        var order = Rank(left).CompareTo(Rank(right));
        return order != 0 ? order : left.CompareTo(right);
    }

    public static int CompareReversed(ResourceId left, ResourceId right) => Compare(right, left);

    /// <summary>
    /// The phase and wave of each object. Namespaces and definitions inherit those of the first object or hook that needs
    /// them, if that comes before their own.
    /// </summary>
    public static IReadOnlyDictionary<ResourceId, Place> Places(IReadOnlyList<DesiredObject> objects, IReadOnlyList<DesiredHook> hooks)
    {
        var spaces = new Dictionary<string, Place>(StringComparer.Ordinal);
        var groups = new Dictionary<string, Place>(StringComparer.Ordinal);
        var places = new Dictionary<ResourceId, Place>(objects.Count);
        foreach (var desired in objects)
        {
            var place = new Place(SyncPhase.Sync, ObjectAnnotations.Wave(desired.Annotations));
            places[desired.Id] = place;
            Lower(spaces, desired.Id.Namespace, place);
            if (!IsDefinition(desired.Id)) Lower(groups, desired.Id.Group, place);
        }
        foreach (var hook in hooks)
            foreach (var phase in hook.Policy.Phases.Where(phase => phase <= SyncPhase.PostSync))
            {
                Lower(spaces, hook.Id.Namespace, new Place(phase, hook.Wave));
                Lower(groups, hook.Id.Group, new Place(phase, hook.Wave));
            }

        foreach (var desired in objects)
        {
            if (IsNamespace(desired.Id) && spaces.TryGetValue(desired.Id.Name, out var space)) Lower(places, desired.Id, space);
            if (IsDefinition(desired.Id) && groups.TryGetValue(GroupOf(desired.Id), out var group)) Lower(places, desired.Id, group);
        }

        return places;
    }

    /// <summary>A definition's name is plural.group.</summary>
    private static string GroupOf(ResourceId definition) => definition.Name[(definition.Name.IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static void Lower<TKey>(Dictionary<TKey, Place> places, TKey key, Place place)
        where TKey : notnull
    {
        if (!places.TryGetValue(key, out var known) || place < known) places[key] = place;
    }
}
