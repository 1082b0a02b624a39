using System.Globalization;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>Of Argo Rollouts: its own phase, once it has seen the newest spec.</summary>
internal static class RolloutHealth
{
    public static ObjectHealth Assess(LiveObject live)
    {
        var status = live.Root.Field("status");
        var invalid = live.Condition("InvalidSpec");
        if (invalid.IsPresent() && invalid.Field("status").Text() != "False") return ObjectHealth.Degraded(invalid.Said());
        // Rollouts write it as text.
        if (live.Generation is { } generation && status.Field("observedGeneration").Text() is { Length: > 0 } seen
            && seen != generation.ToString(CultureInfo.InvariantCulture))
            return ObjectHealth.Progressing("Waiting for rollout spec update to be observed");

        var message = status.Field("message").Text();
        return status.Field("phase").Text() switch
        {
            "Healthy" => ObjectHealth.Healthy with { Message = message },
            "Paused" => ObjectHealth.Suspended(message.Length > 0 ? message : "Rollout is paused"),
            "Degraded" or "Error" => ObjectHealth.Degraded(message),
            "Progressing" => ObjectHealth.Progressing(message),
            "" => ObjectHealth.Progressing("Waiting for rollout to finish: status has not been reconciled"),
            var other => ObjectHealth.Unknown(other),
        };
    }
}
