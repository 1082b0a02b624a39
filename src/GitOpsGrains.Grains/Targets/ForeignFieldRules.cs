using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// Which fields that others added to our objects are reported: all where the policy says so (what "remove" leaves alone too); by default those that widen
/// what an object allows, or change what runs, however equal the fields of Git are.
/// </summary>
internal static class ForeignFieldRules
{
    private const int MaxFields = 20;
    private const string PodTemplate = ".spec.template.";

    public static IReadOnlyList<ForeignField> Of(LiveObject live, string policy)
    {
        if (policy != ForeignFieldPolicies.Keep) return ForeignFields.Of(live, MaxFields);
        if (IsPermission(live.Id)) return ForeignFields.Of(live, MaxFields);
        return HasPodTemplate(live.Id)
            ? [.. ForeignFields.Of(live).Where(field => field.Path.StartsWith(PodTemplate, StringComparison.Ordinal)).Take(MaxFields)]
            : [];
    }

    private static bool IsPermission(ResourceId id) =>
        id is { Group: "networking.k8s.io", Kind: "NetworkPolicy" } or { Group: "rbac.authorization.k8s.io", Kind: "Role" or "ClusterRole" };

    private static bool HasPodTemplate(ResourceId id) =>
        id is { Group: "apps", Kind: "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" } or { Group: "batch", Kind: "Job" };
}
