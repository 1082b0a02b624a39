using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class HorizontalPodAutoscalerHealth
{
    /// <summary>Where autoscaling/v1, which has no field for them, keeps the conditions as JSON.</summary>
    private const string ConditionsOfV1 = "autoscaling.alpha.kubernetes.io/conditions";

    private static readonly HashSet<(string Type, string Reason)> Failures =
    [
        ("AbleToScale", "FailedGetScale"), ("AbleToScale", "FailedUpdateScale"),
        ("ScalingActive", "FailedGetResourceMetric"), ("ScalingActive", "FailedGetObjectMetric"), ("ScalingActive", "FailedGetPodsMetric"),
        ("ScalingActive", "FailedGetExternalMetric"), ("ScalingActive", "FailedGetContainerResourceMetric"),
        ("ScalingActive", "FailedComputeMetricsReplicas"), ("AbleToScale", "FailedComputeMetricsReplicas"), ("ScalingActive", "InvalidSelector"),
    ];

    public static ObjectHealth Assess(LiveObject live)
    {
        var conditions = live.ApiVersion == "autoscaling/v1" ? InAnnotation(live) : live.Root.Field("status", "conditions");
        foreach (var condition in conditions.Items())
            if (Failures.Contains((condition.Field("type").Text(), condition.Field("reason").Text())))
                return ObjectHealth.Degraded(condition.Said());
        foreach (var condition in conditions.Items())
            if (condition.Field("type").Text() is "AbleToScale" or "ScalingLimited" && condition.Field("status").Text() == "True")
                return ObjectHealth.Healthy with { Message = condition.Said() };
        return ObjectHealth.Progressing("Waiting to autoscale");
    }

    private static JsonElement InAnnotation(LiveObject live)
    {
        if (live.Annotation(ConditionsOfV1) is not { } text) return default;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Anybody may write annotations: one that is no JSON says nothing.
            return default;
        }
    }
}
