using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

/// <summary>Reads <c>status.conditions</c> and <c>status.observedGeneration</c>.</summary>
internal static class LiveConditions
{
    /// <summary>The condition of the type, Undefined if there is none.</summary>
    public static JsonElement Condition(this LiveObject live, string type)
    {
        var conditions = live.Root.Field("status", "conditions");
        if (conditions.ValueKind != JsonValueKind.Array) return default;
        foreach (var condition in conditions.EnumerateArray())
            if (condition.Field("type") is { ValueKind: JsonValueKind.String } name && name.ValueEquals(type))
                return condition;
        return default;
    }

    public static bool HasCondition(this LiveObject live, string type, string status) => live.Condition(type).Field("status").Text() == status;

    /// <summary>A condition's message, or its reason where it has none.</summary>
    public static string Said(this JsonElement condition) =>
        condition.Field("message").Text() is { Length: > 0 } message ? message : condition.Field("reason").Text();

    /// <summary>The controller has not seen the newest spec yet.</summary>
    public static bool IsBehind(this LiveObject live) =>
        live.Generation > live.Root.Field("status", "observedGeneration").Number(0);
}
