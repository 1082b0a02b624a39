using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>Reads <c>status.conditions</c> and <c>status.observedGeneration</c>.</summary>
internal static class LiveConditions
{
    /// <summary>The condition of the type, Undefined if there is none.</summary>
    public static JsonElement Condition(this LiveObject live, string type) =>
        live.Root.Field("status", "conditions").Items().FirstOrDefault(condition => condition.Field("type").Text() == type);

    public static bool HasCondition(this LiveObject live, string type, string status) => live.Condition(type).Field("status").Text() == status;

    /// <summary>The controller has not seen the newest spec yet.</summary>
    public static bool IsBehind(this LiveObject live) =>
        live.Generation > live.Root.Field("status", "observedGeneration").Number(0);
}
