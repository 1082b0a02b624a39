using System.Text.Json;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What tests read of a cluster.</summary>
internal static class KubeExtensions
{
    public static string ConfigMapPath(string space, string name) => $"/api/v1/namespaces/{space}/configmaps/{name}";

    /// <summary>The value of a ConfigMap, or null where there is none.</summary>
    public static async Task<string?> ValueAsync(this ApiClient kube, string space, string name) =>
        await kube.FindJsonAsync(ConfigMapPath(space, name)) is { } live ? live.Value() : null;

    public static Task WaitValueAsync(this ApiClient kube, string space, string name, string? value, TimeSpan? deadline = null) =>
        Eventually.GetAsync(() => kube.ValueAsync(space, name), seen => seen == value, $"ConfigMap {name} with {value ?? "nothing"}", deadline);

    public static async Task<string> UidAsync(this ApiClient kube, string space, string name) =>
        (await kube.GetJsonAsync(ConfigMapPath(space, name))).Metadata("uid");

    /// <summary>All ConfigMaps of a namespace by name, without those of the server itself.</summary>
    public static async Task<IReadOnlyDictionary<string, JsonElement>> ConfigMapsAsync(this ApiClient kube, string space) =>
        (await kube.GetJsonAsync($"/api/v1/namespaces/{space}/configmaps")).GetProperty("items").EnumerateArray()
            .Where(item => item.Metadata("name") != "kube-root-ca.crt").ToDictionary(item => item.Metadata("name"));

    public static string Metadata(this JsonElement live, string field) => live.GetProperty("metadata").GetProperty(field).GetString()!;

    public static string? Value(this JsonElement live) => live.GetProperty("data").GetProperty("value").GetString();

    /// <summary>A label or annotation, or null.</summary>
    public static string? Mark(this JsonElement live, string kind, string name) =>
        live.GetProperty("metadata").TryGetProperty(kind, out var marks) && marks.TryGetProperty(name, out var mark) ? mark.GetString() : null;
}
