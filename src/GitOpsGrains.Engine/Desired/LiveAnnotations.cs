using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>The annotations of a live object, as the rules for manifests read them.</summary>
public static class LiveAnnotations
{
    private const string FluxPrefix = "kustomize.toolkit.fluxcd.io/";

    /// <summary>With the labels that Flux reads like them. A label that keeps is not lifted by an annotation of its name.</summary>
    public static IReadOnlyDictionary<string, string> Of(LiveObject live)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in live.Metadata.Field("labels").Properties())
            if (property.Name.StartsWith(FluxPrefix, StringComparison.Ordinal)) annotations[property.Name] = property.Value.Text();
        foreach (var property in live.Metadata.Field("annotations").Properties())
            if (!annotations.TryAdd(property.Name, property.Value.Text()) && !IsKeeping(annotations[property.Name])) annotations[property.Name] = property.Value.Text();
        return annotations;
    }

    private static bool IsKeeping(string value) =>
        value.Trim().Equals("disabled", StringComparison.OrdinalIgnoreCase) || value.Trim().Equals("ignore", StringComparison.OrdinalIgnoreCase);
}
