using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What holds an object that is being deleted.</summary>
public static class LiveFinalizers
{
    public static string Describe(LiveObject live) =>
        Of(live) is { Count: > 0 } finalizers ? $" and held by the finalizers {string.Join(", ", finalizers)}" : "";

    public static IReadOnlyList<string> Of(LiveObject live) =>
        live.Metadata.ValueKind == JsonValueKind.Object && live.Metadata.TryGetProperty("finalizers", out var finalizers) && finalizers.ValueKind == JsonValueKind.Array
            ? [.. finalizers.EnumerateArray().Where(finalizer => finalizer.ValueKind == JsonValueKind.String).Select(finalizer => finalizer.GetString()!)]
            : [];

    /// <summary>Not one of those by which the server itself deletes in the foreground or orphans dependents.</summary>
    public static bool IsForeign(string finalizer) => finalizer is not ("foregroundDeletion" or "orphan");
}
