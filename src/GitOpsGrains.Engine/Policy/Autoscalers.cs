using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Policy;

/// <summary>Who else sets the replicas of a workload. Reads HorizontalPodAutoscalers of any version.</summary>
public static class Autoscalers
{
    public const string Group = "autoscaling";
    public const string Kind = "HorizontalPodAutoscaler";

    /// <summary>The first that scales the workload, or null. All must be of the workload's namespace.</summary>
    public static LiveObject? Of(ResourceId workload, IEnumerable<LiveObject> autoscalers) => autoscalers.FirstOrDefault(live =>
    {
        var target = live.Root.Field("spec", "scaleTargetRef");
        var version = target.Field("apiVersion").Text();
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        return target.Field("kind").Text() == workload.Kind && target.Field("name").Text() == workload.Name
            && (slash < 0 ? "" : version[..slash]) == workload.Group;
    });

    /// <summary>Whether the manifest says how many replicas there are.</summary>
    public static bool SetsReplicas(DesiredObject desired) => desired.Json().Field("spec", "replicas").ValueKind == JsonValueKind.Number;
}
