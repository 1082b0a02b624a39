using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>Of Argo Workflows.</summary>
internal static class WorkflowHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        var message = live.Root.Field("status", "message").Text();
        return live.Root.Field("status", "phase").Text() switch
        {
            "Succeeded" => ObjectHealth.Healthy with { Message = message },
            "Failed" or "Error" => ObjectHealth.Degraded(message),
            _ => ObjectHealth.Progressing(message),
        };
    }
}
