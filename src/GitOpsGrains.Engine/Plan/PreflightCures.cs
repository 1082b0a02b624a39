using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Plan;

/// <summary>
/// Which objects may cure an error of another: known by kind and by the words of the API server, which has no codes for
/// them. A wrong guess costs a dry run later; it never lets through what the server refuses.
/// </summary>
internal static class PreflightCures
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";

    public static bool MayCure(ResourceId other, Refusal refusal)
    {
        if (refusal.Kind == RefusalKind.NotOurs) return false;
        var id = refusal.Apply.Desired.Id;
        if (ApplyOrder.IsDefinition(other)) return id.Group.Length > 0 && other.Name.EndsWith("." + id.Group, StringComparison.Ordinal);
        if (ApplyOrder.IsNamespace(other)) return other.Name == id.Namespace && (refusal.Kind == RefusalKind.NotFound || Says(refusal, "PodSecurity"));
        return refusal.Kind switch
        {
            RefusalKind.WebhookFailed => IsWebhook(other) || IsBackend(other),
            _ when IsOfWebhook(refusal) => IsWebhook(other),
            RefusalKind.Forbidden => CuresForbidden(other, refusal, id),
            RefusalKind.NotFound => Says(refusal, $"\"{other.Name}\""),
            _ => false,
        };
    }

    /// <summary>A webhook stands against the object, or does not answer.</summary>
    public static bool IsOfWebhook(Refusal refusal) => refusal.Kind == RefusalKind.WebhookFailed || Says(refusal, "admission webhook");

    public static bool IsOfImmutableField(Refusal refusal) => Says(refusal, "immutable") || Says(refusal, "may not change once set") || Says(refusal, "updates to");

    private static bool CuresForbidden(ResourceId other, Refusal refusal, ResourceId id)
    {
        if (other.Namespace.Length > 0 && other.Namespace != id.Namespace && other.Group != Rbac) return false;
        return other switch
        {
            { Group: "", Kind: "ResourceQuota" } => Says(refusal, "quota"),
            { Group: "", Kind: "LimitRange" } => Says(refusal, "per Container") || Says(refusal, "per Pod") || Says(refusal, "per PersistentVolumeClaim"),
            { Group: "", Kind: "ServiceAccount" } => Says(refusal, "serviceaccount") && Says(refusal, other.Name),
            { Group: "scheduling.k8s.io", Kind: "PriorityClass" } => Says(refusal, "PriorityClass") && Says(refusal, other.Name),
            { Group: "policy", Kind: "PodSecurityPolicy" } => Says(refusal, "pod security policy"),
            { Group: Rbac } => Says(refusal, "RBAC") || Says(refusal, "cannot") || Says(refusal, "pod security policy"),
            _ => false,
        };
    }

    private static bool IsWebhook(ResourceId id) => id is { Group: Admission, Kind: "ValidatingWebhookConfiguration" or "MutatingWebhookConfiguration" };

    /// <summary>Whatever a webhook's backend is made of.</summary>
    private static bool IsBackend(ResourceId id) => id is
        { Group: "apps", Kind: "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" } or { Group: "", Kind: "Pod" or "Service" } or { Group: "networking.k8s.io", Kind: "NetworkPolicy" };

    private static bool Says(Refusal refusal, string words) => refusal.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
