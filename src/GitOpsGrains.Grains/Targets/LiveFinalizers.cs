using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What holds an object that is being deleted.</summary>
public static class LiveFinalizers
{
    public static string Describe(LiveObject live) =>
        live.Metadata.TryGetProperty("finalizers", out var finalizers) && finalizers.ValueKind == JsonValueKind.Array && finalizers.GetArrayLength() > 0
            ? $" and held by the finalizers {string.Join(", ", finalizers.EnumerateArray().Select(finalizer => finalizer.GetString()))}"
            : "";
}
