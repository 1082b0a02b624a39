using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// Which of the fields that others added beside ours <c>foreignFields: remove</c> takes away. Much is never taken, since
/// what put it there would not rest, or the object would break: docs/concepts.md has the list.
/// </summary>
public static class RemovableFields
{
    /// <summary>Kinds that Kubernetes itself has: only of these is it known who writes their spec.</summary>
    private static readonly HashSet<string> BuiltInGroups =
    [
        "", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io",
        "scheduling.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "node.k8s.io", "discovery.k8s.io",
    ];

    /// <summary>Kinds that controllers complete: a volume's claim, a pod's node, the tokens of an account.</summary>
    private static readonly HashSet<string> Completed =
    [
        "Namespace", "Node", "Pod", "PersistentVolume", "PersistentVolumeClaim", "ServiceAccount", "Endpoints", "EndpointSlice",
        "Event", "Job", "VolumeAttachment", "CSINode", "CSIStorageCapacity",
    ];

    /// <summary>Parts of Kubernetes.</summary>
    private static readonly HashSet<string> Components =
        ["kube-controller-manager", "kube-scheduler", "kube-apiserver", "kubelet", "kube-proxy", "cloud-controller-manager", "before-first-apply"];

    /// <summary>Fields that servers, autoscalers and certificate injectors fill in, wherever they are.</summary>
    private static readonly HashSet<string> FilledIn =
    [
        "f:caBundle", "f:clusterIP", "f:clusterIPs", "f:ipFamilies", "f:ipFamilyPolicy", "f:nodePort", "f:healthCheckNodePort",
        "f:loadBalancerClass", "f:nodeName", "f:volumeName", "f:claimRef", "f:conversion",
    ];

    /// <summary>Annotations and labels that this product, or one that it follows, obeys or keeps its marks in.</summary>
    private static readonly string[] Marks =
    [
        "gitopsgrains.io/", "argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "helm.sh/", "meta.helm.sh/",
        "deployment.kubernetes.io/", "kubectl.kubernetes.io/", "autoscaling.alpha.kubernetes.io/", "control-plane.alpha.kubernetes.io/",
        "pv.kubernetes.io/", "volume.kubernetes.io/", "volume.beta.kubernetes.io/", "batch.kubernetes.io/", "kubernetes.io/",
        "node.kubernetes.io/", "service.kubernetes.io/", "endpoints.kubernetes.io/", "statefulset.kubernetes.io/", "apps.kubernetes.io/",
    ];

    /// <summary>Tools that people work with by hand.</summary>
    private static readonly string[] HandTools = ["kubectl", "k9s", "lens", "node-fetch", "Mozilla", "headlamp", "curl"];

    /// <summary>
    /// What is to be removed; empty when nothing is, when we own nothing of the object, or when it is being deleted. No
    /// field in it is owned by us or by anybody who is left in peace.
    /// </summary>
    /// <param name="ignores">What Git leaves to others stays.</param>
    public static FieldSet Of(LiveObject live, ObjectIgnores? ignores = null)
    {
        if (live.IsDeleting || ManagedFields.Own(live) is not { } own || Completed.Contains(live.Id.Kind)) return FieldSet.Empty;
        var (ours, found, kept) = (own.Fields(), FieldSet.Empty, FieldSet.Empty);
        foreach (var entry in ManagedFields.Of(live).Where(entry => !entry.IsOwn))
        {
            // Paths of another version may not exist in ours.
            if (IsOfOthers(live.Id, entry) && entry.ApiVersion == own.ApiVersion && own.ApiVersion == live.ApiVersion)
                found = found.Union(entry.Fields().FieldsBeyond(ours).Pick(IsRemovable));
            else kept = kept.Union(entry.Fields());
        }
        if (found.IsEmpty) return found;
        var ignored = ignores is { IsEmpty: false } ? Left(live, ignores) : null;
        return found.Pick(way => kept.Find([.. way]) is null && !kept.HoldsWhole(way)
            && JsonPointers.Of(live.Root, way) is { } && (ignored is null || JsonPointers.Of(ignored.Value, way) is { }));
    }

    /// <summary>The fields with their pointers and values, as a difference to Git: what is there, and is to be absent.</summary>
    public static IReadOnlyList<FieldDifference> Differences(LiveObject live, FieldSet removable, ValueMask mask)
    {
        var differences = new List<FieldDifference>();
        foreach (var way in removable.Ways())
            if (JsonPointers.Of(live.Root, way) is { } place)
                differences.Add(new FieldDifference(place.Pointer, mask.Show(place.Pointer, JsonTreeReader.ReadTrusted(System.Text.Encoding.UTF8.GetBytes(place.Value.GetRawText())), changed: false), null));
        return differences;
    }

    /// <summary>Written by somebody whose additions may go: a person's tool, or anybody but Kubernetes itself where the kind is its own.</summary>
    private static bool IsOfOthers(ResourceId id, ManagedFieldsEntry entry)
    {
        if (entry.Subresource.Length > 0 || entry.IsOwnUpdate || IsController(entry.Manager)) return false;
        return BuiltInGroups.Contains(id.Group) || HandTools.Any(tool => entry.Manager.StartsWith(tool, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsController(string manager) =>
        Components.Contains(manager) || manager.EndsWith("-controller-manager", StringComparison.Ordinal) || manager.Contains("cainjector", StringComparison.Ordinal);

    private static bool IsRemovable(IReadOnlyList<string> way)
    {
        if (way.Any(FilledIn.Contains)) return false;
        for (var i = 0; i + 1 < way.Count; i++)
            if (way[i] is "f:annotations" or "f:labels" && Marks.Any(mark => way[i + 1].StartsWith("f:" + mark, StringComparison.Ordinal)))
                return false;
        return way switch
        {
            ["f:status", ..] or ["f:spec", "f:replicas", ..] or ["f:spec", "f:finalizers", ..] => false,
            ["f:metadata", "f:labels" or "f:annotations", _] => true,
            ["f:metadata", ..] or ["f:apiVersion" or "f:kind", ..] => false,
            _ => true,
        };
    }

    private static System.Text.Json.JsonElement? Left(LiveObject live, ObjectIgnores ignores)
    {
        var tree = ObjectTree.Whole(live.Root);
        ignores.Strip(new TreeMap(), tree, live);
        return TrustedJson.Parse(CanonicalJson.Write(tree));
    }
}
