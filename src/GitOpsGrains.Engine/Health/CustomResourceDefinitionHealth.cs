using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class CustomResourceDefinitionHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        if (!live.Root.Field("status", "conditions").Items().Any()) return ObjectHealth.Progressing("Waiting for the definition to be looked at");
        if (live.HasCondition("Terminating", "True")) return ObjectHealth.Progressing("Pending deletion");
        if (live.Condition("Established").Field("reason").Text() == "Installing") return ObjectHealth.Progressing("The definition is being installed");
        if (live.HasCondition("NamesAccepted", "False")) return ObjectHealth.Degraded(live.Condition("NamesAccepted").Field("message").Text());
        if (live.HasCondition("NonStructuralSchema", "True")) return ObjectHealth.Degraded(live.Condition("NonStructuralSchema").Field("message").Text());
        return HealthRules.IsEstablished(live) ? ObjectHealth.Healthy : ObjectHealth.Degraded("The definition is not established");
    }
}
