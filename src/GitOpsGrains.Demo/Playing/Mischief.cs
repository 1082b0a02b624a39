using System.Text.Json;

namespace GitOpsGrains.Demo.Playing;

/// <summary>Something that somebody does to a live object by hand.</summary>
/// <param name="Path">Of the object, below the cluster's address.</param>
/// <param name="Patch">A merge patch; null: the object is deleted.</param>
/// <param name="Field">What is changed, from the object's root.</param>
/// <param name="Manager">The field manager that the cluster notes.</param>
/// <param name="Text">What is done, as people say it.</param>
internal sealed record Mischief(string Path, string? Patch, IReadOnlyList<string> Field, string Manager, string Text)
{
    private const string Space = "cart";

    public static IReadOnlyList<Mischief> All { get; } =
    [
        new($"apis/apps/v1/namespaces/{Space}/deployments/cart", """{"spec":{"replicas":9}}""", ["spec", "replicas"], "kubectl-edit", "kubectl edit deployment cart: 9 replicas"),
        new($"api/v1/namespaces/{Space}/configmaps/cart-settings", """{"data":{"currency":"USD"}}""", ["data", "currency"], "kubectl-edit", "kubectl edit configmap cart-settings: currency USD"),
        new($"api/v1/namespaces/{Space}/services/cart", null, ["metadata", "name"], "kubectl", "kubectl delete service cart"),
    ];

    /// <summary>The field's value as JSON; null when it is not there.</summary>
    public string? ValueIn(JsonElement? root)
    {
        if (root is not { } at) return null;
        foreach (var name in Field)
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return null;
        return at.GetRawText();
    }
}
