using System.Globalization;

namespace GitOpsGrains.Engine.Desired;

/// <summary>
/// What the annotations of an object ask for: Argo CD's, Flux's and Helm's names and our own, which mean the same.
/// </summary>
public static class ObjectAnnotations
{
    private const string ArgoOptions = "argocd.argoproj.io/sync-options";
    private const string OwnOptions = "gitopsgrains.io/sync-options";
    private const string ArgoCompare = "argocd.argoproj.io/compare-options";
    private const string OwnCompare = "gitopsgrains.io/compare-options";
    private const string ArgoWave = "argocd.argoproj.io/sync-wave";
    private const string OwnWave = "gitopsgrains.io/sync-wave";
    private const string FluxPrune = "kustomize.toolkit.fluxcd.io/prune";
    private const string FluxReconcile = "kustomize.toolkit.fluxcd.io/reconcile";
    private const string OwnPrune = "gitopsgrains.io/prune";
    private const string HelmPolicy = "helm.sh/resource-policy";
    private const string HelmWeight = "helm.sh/hook-weight";

    /// <summary>Ours, else Argo CD's, else Helm's weight of a hook; 0 if there is none that is a number.</summary>
    public static int Wave(IReadOnlyDictionary<string, string> annotations)
    {
        foreach (var name in (ReadOnlySpan<string>)[OwnWave, ArgoWave, HelmWeight])
            if (annotations.TryGetValue(name, out var text) && int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var wave))
                return wave;
        return 0;
    }

    /// <summary>The option is named with this value: <c>Prune=false,ServerSideApply=true</c>.</summary>
    public static bool HasOption(IReadOnlyDictionary<string, string> annotations, string option) =>
        HasOption(annotations, OwnOptions, option) || HasOption(annotations, ArgoOptions, option);

    /// <summary>The value of an option such as <c>PrunePropagationPolicy</c>, ours before Argo CD's; null if none names it.</summary>
    public static string? Option(IReadOnlyDictionary<string, string> annotations, string name)
    {
        foreach (var list in (ReadOnlySpan<string>)[OwnOptions, ArgoOptions])
        {
            if (!annotations.TryGetValue(list, out var options)) continue;
            foreach (var option in options.Split(',', StringSplitOptions.TrimEntries))
                if (option.Length > name.Length && option[name.Length] == '=' && option.StartsWith(name, StringComparison.Ordinal))
                    return option[(name.Length + 1)..];
        }
        return null;
    }

    /// <summary>The annotation that forbids deleting the object, as <c>name: value</c>, or null.</summary>
    public static string? KeptBy(IReadOnlyDictionary<string, string> annotations)
    {
        foreach (var option in (ReadOnlySpan<string>)["Prune=false", "Delete=false"])
            if (HasOption(annotations, option))
                return $"sync-options: {option}";
        foreach (var name in (ReadOnlySpan<string>)[OwnPrune, FluxPrune, FluxReconcile])
            if (Is(annotations, name, "disabled"))
                return $"{name}: disabled";
        if (ApplyPolicy.Of(annotations, SyncOptionSet.None) is { IsIgnored: true } policy) return policy.Reason;
        return Is(annotations, HelmPolicy, "keep") ? $"{HelmPolicy}: keep" : null;
    }

    /// <summary>An object that is not in Git makes its application no less in sync (Argo CD, compare-options.md).</summary>
    public static bool IgnoresExtraneous(IReadOnlyDictionary<string, string> annotations) =>
        HasOption(annotations, OwnCompare, "IgnoreExtraneous") || HasOption(annotations, ArgoCompare, "IgnoreExtraneous");

    /// <summary>Deleting the object waits for a person.</summary>
    public static bool NeedsConfirmation(IReadOnlyDictionary<string, string> annotations) =>
        HasOption(annotations, "Prune=confirm") || HasOption(annotations, "Delete=confirm");

    private static bool HasOption(IReadOnlyDictionary<string, string> annotations, string name, string option) =>
        annotations.TryGetValue(name, out var options)
        && options.Split(',', StringSplitOptions.TrimEntries).Contains(option, StringComparer.Ordinal);

    private static bool Is(IReadOnlyDictionary<string, string> annotations, string name, string value) =>
        annotations.TryGetValue(name, out var text) && string.Equals(text.Trim(), value, StringComparison.OrdinalIgnoreCase);
}
