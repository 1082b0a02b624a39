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
    public static IReadOnlyDictionary<ResourceId, Place> Places(IReadOnlyList<DesiredObject> objects, IReadOnlyList<DesiredHook> hooks) => Places(
        [.. objects.Select(desired => (desired.Id, ObjectAnnotations.Wave(desired.Annotations)))],
        hooks.SelectMany(hook => hook.Policy.Phases.Select(phase => (hook.Id, new Place(phase, hook.Wave)))));

    internal static Dictionary<ResourceId, Place> Places(IReadOnlyList<(ResourceId Id, int Wave)> objects, IEnumerable<(ResourceId Id, Place Place)> hooks)
    {
        var spaces = new Dictionary<string, Place>(StringComparer.Ordinal);
        var groups = new Dictionary<string, Place>(StringComparer.Ordinal);
        var places = new Dictionary<ResourceId, Place>(objects.Count);
        foreach (var (id, wave) in objects)
        {
            var place = new Place(SyncPhase.Sync, wave);
            places[id] = place;
            Lower(spaces, id.Namespace, place);
            if (!IsDefinition(id)) Lower(groups, id.Group, place);
        }
        foreach (var (id, place) in hooks.Where(hook => hook.Place.Phase <= SyncPhase.PostSync))
        {
            Lower(spaces, id.Namespace, place);
            Lower(groups, id.Group, place);
        }

        foreach (var (id, _) in objects)
        {
            if (IsNamespace(id) && spaces.TryGetValue(id.Name, out var space)) Lower(places, id, space);
            if (IsDefinition(id) && groups.TryGetValue(GroupOf(id), out var group)) Lower(places, id, group);
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
