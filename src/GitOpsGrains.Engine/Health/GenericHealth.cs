using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>
/// The rule of kstatus for kinds that it knows nothing of: what the controller has seen, then the conditions Reconciling,
/// Stalled and Ready, else as it should be. An object without a status has no health: nobody reports on it.
/// </summary>
internal static class GenericHealth
{
    public static ObjectHealth? Assess(LiveObject live)
    {
        var status = live.Root.Field("status");
        if (status.ValueKind != JsonValueKind.Object) return null;
        if (live.Generation is { } generation && status.Field("observedGeneration") is { ValueKind: JsonValueKind.Number } seen && seen.Number(generation) != generation)
            return ObjectHealth.Progressing($"Waiting for the controller: it has seen generation {seen.Number(0)} of {generation}");
        if (live.HasCondition("Reconciling", "True")) return ObjectHealth.Progressing(live.Condition("Reconciling").Said());
        if (live.HasCondition("Stalled", "True")) return ObjectHealth.Degraded(live.Condition("Stalled").Said());
        var ready = live.Condition("Ready");
        return ready.Field("status").Text() switch
        {
            "False" or "Unknown" => ObjectHealth.Progressing(ready.Said()),
            _ => ObjectHealth.Healthy,
        };
    }
}
