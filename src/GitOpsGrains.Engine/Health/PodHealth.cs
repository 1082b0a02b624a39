using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class PodHealth
{
    private const string IgnoreRestartPolicy = "argocd.argoproj.io/ignore-restart-policy";

    public static ObjectHealth Assess(LiveObject live)
    {
        var status = live.Root.Field("status");
        var restarts = live.Root.Field("spec", "restartPolicy").Text() is "Always" or "";
        if ((restarts || (live.Annotation(IgnoreRestartPolicy) is not null && !HealthAnnotations.IsHook(live))) && FailingContainer(status) is { } failing) return ObjectHealth.Degraded(failing);

        var message = status.Field("message").Text();
        return status.Field("phase").Text() switch
        {
            "Pending" => ObjectHealth.Progressing(message),
            "Succeeded" => ObjectHealth.Healthy,
            "Failed" => ObjectHealth.Degraded(message.Length > 0 ? message : ExitOf(status)),
            "Running" when !restarts => ObjectHealth.Progressing(message),
            "Running" => Running(live, status),
            var other => ObjectHealth.Unknown(other),
        };
    }

    private static ObjectHealth Running(LiveObject live, JsonElement status)
    {
        if (live.HasCondition("Ready", "True")) return ObjectHealth.Healthy;
        // An init container that had to be tried again has done its work by now.
        var terminated = status.Field("containerStatuses").Items().FirstOrDefault(container => container.Field("lastState", "terminated").IsPresent());
        return terminated.IsPresent()
            ? ObjectHealth.Degraded($"container {terminated.Field("name").Text()} ended before: {terminated.Field("lastState", "terminated").Field("reason").Text()}")
            : ObjectHealth.Progressing("Waiting for the pod to be ready");
    }

    private static string? FailingContainer(JsonElement status)
    {
        foreach (var container in Containers(status))
        {
            var waiting = container.Field("state", "waiting");
            var reason = waiting.Field("reason").Text();
            if (!reason.StartsWith("Err", StringComparison.Ordinal) && !reason.EndsWith("Error", StringComparison.Ordinal)
                && !reason.EndsWith("BackOff", StringComparison.Ordinal)) continue;
            var message = waiting.Field("message").Text();
            return message.Length > 0 ? message : $"container {container.Field("name").Text()} is waiting: {reason}";
        }

        return null;
    }

    private static string ExitOf(JsonElement status)
    {
        foreach (var container in Containers(status))
        {
            var terminated = container.Field("state", "terminated");
            if (terminated.Field("message").Text() is { Length: > 0 } message) return message;
            if (terminated.Field("reason").Text() == "OOMKilled") return "OOMKilled";
            if (terminated.Field("exitCode").Number(0) is not 0 and var code) return $"container {container.Field("name").Text()} failed with exit code {code}";
        }

        return "";
    }

    private static IEnumerable<JsonElement> Containers(JsonElement status) =>
        status.Field("initContainerStatuses").Items().Concat(status.Field("containerStatuses").Items());
}
