using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class PodDisruptionBudgetHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        var last = "";
        foreach (var condition in live.Root.Field("status", "conditions").Items())
        {
            last = condition.Field("reason").Text();
            // A budget that allows no disruption at the moment does what it is for.
            if (condition.Field("status").Text() == "False" && last != "InsufficientPods") return ObjectHealth.Degraded($"PodDisruptionBudget has {last}");
        }
        return last.Length > 0 ? ObjectHealth.Healthy with { Message = $"PodDisruptionBudget has {last}" } : ObjectHealth.Progressing("Waiting for status");
    }
}
