namespace GitOpsGrains.Engine.Health;

/// <summary>
/// The API groups that Kubernetes itself serves. Every other group is of custom resources or of an aggregated server,
/// also those that end with <c>.k8s.io</c> (gateway.networking.k8s.io, snapshot.storage.k8s.io).
/// </summary>
internal static class BuiltInGroups
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "", "apps", "autoscaling", "batch", "extensions", "policy",
        "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps.k8s.io", "authentication.k8s.io",
        "authorization.k8s.io", "certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io",
        "flowcontrol.apiserver.k8s.io", "internal.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io",
        "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
    };

    public static bool Contains(string group) => Names.Contains(group);
}
