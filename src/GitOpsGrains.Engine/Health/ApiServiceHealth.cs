using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class ApiServiceHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        var available = live.Condition("Available");
        if (!available.IsPresent()) return ObjectHealth.Progressing("Waiting to be processed");
        var said = $"{available.Field("reason").Text()}: {available.Field("message").Text()}";
        return available.Field("status").Text() == "True" ? ObjectHealth.Healthy with { Message = said } : ObjectHealth.Progressing(said);
    }
}
