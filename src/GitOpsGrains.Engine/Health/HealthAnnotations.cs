using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>What the annotations of a live object say about its health.</summary>
internal static class HealthAnnotations
{
    private const string HelmHook = "helm.sh/hook";

    /// <summary>Its health counts for its application's.</summary>
    public static bool Counts(LiveObject live) => live.Metadata.Field("annotations").ValueKind != JsonValueKind.Object || (!IgnoresHealth(live) && !IsHook(live));

    /// <summary>Its health is shown, and does not count for its application.</summary>
    private static bool IgnoresHealth(LiveObject live) =>
        live.Annotation("gitopsgrains.io/ignore-healthcheck") == "true" || live.Annotation("argocd.argoproj.io/ignore-healthcheck") == "true";

    /// <summary>Runs at a phase of a sync and is no part of what the application consists of. Helm's crd-install is an ordinary object.</summary>
    public static bool IsHook(LiveObject live) =>
        live.Annotation("gitopsgrains.io/hook") is not null || live.Annotation("argocd.argoproj.io/hook") is not null
        || live.Annotation(HelmHook) is { } hook && hook.Trim() != "crd-install";
}
