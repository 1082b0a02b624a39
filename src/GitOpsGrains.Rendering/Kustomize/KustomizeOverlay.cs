using System.Text.Json.Nodes;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Rendering.Kustomize;

/// <summary>
/// Writes the options of a source as a kustomization that builds on the one in the repository. As JSON, which is YAML. Pure.
/// </summary>
internal static class KustomizeOverlay
{
    public static bool IsNeeded(KustomizeSpec? spec) => spec is not null && Of(spec, "", _ => "").Count > Fixed;

    /// <summary>apiVersion, kind and resources are always there.</summary>
    private const int Fixed = 3;

    /// <param name="directory">The kustomization in the repository, relative to the overlay.</param>
    /// <param name="read">The text of a patch's file.</param>
    public static JsonObject Of(KustomizeSpec spec, string directory, Func<string, string> read)
    {
        var overlay = new JsonObject
        {
            ["apiVersion"] = "kustomize.config.k8s.io/v1beta1",
            ["kind"] = "Kustomization",
            ["resources"] = new JsonArray(directory),
        };
        AddText(overlay, "namePrefix", spec.NamePrefix);
        AddText(overlay, "nameSuffix", spec.NameSuffix);
        AddText(overlay, "namespace", spec.Namespace);
        AddList(overlay, "images", spec.Images.Select(Image));
        AddList(overlay, "replicas", spec.Replicas.Select(replica => new JsonObject { ["name"] = replica.Name, ["count"] = replica.Count }));
        AddList(overlay, "labels", Labels(spec));
        if (spec.CommonAnnotations.Count > 0) overlay["commonAnnotations"] = Map(spec.CommonAnnotations);
        AddList(overlay, "components", spec.Components.Select(component => JsonValue.Create($"{directory}/{component}")));
        AddList(overlay, "patches", spec.Patches.Select(patch => Patch(patch, read)));
        return overlay;
    }

    private static IEnumerable<JsonObject> Labels(KustomizeSpec spec)
    {
        if (spec.CommonLabels.Count > 0)
            yield return Label(spec.CommonLabels, !spec.LabelWithoutSelector, spec.LabelIncludeTemplates);
        foreach (var labels in spec.Labels) yield return Label(labels.Pairs, labels.IncludeSelectors, labels.IncludeTemplates);
    }

    private static JsonObject Label(IReadOnlyDictionary<string, string> pairs, bool selectors, bool templates) =>
        new() { ["pairs"] = Map(pairs), ["includeSelectors"] = selectors, ["includeTemplates"] = templates };

    /// <summary><c>[old=]new[:tag|@digest]</c>; a port in the registry's name is no tag.</summary>
    private static JsonObject Image(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var rest = text[(equals + 1)..];
        var image = new JsonObject();
        var digest = rest.IndexOf('@', StringComparison.Ordinal);
        var tag = rest.LastIndexOf(':');
        if (digest >= 0) (image["digest"], rest) = (rest[(digest + 1)..], rest[..digest]);
        else if (tag > rest.LastIndexOf('/')) (image["newTag"], rest) = (rest[(tag + 1)..], rest[..tag]);
        image["name"] = equals >= 0 ? text[..equals] : rest;
        if (equals >= 0) image["newName"] = rest;
        return image;
    }

    private static JsonObject Patch(KustomizePatch patch, Func<string, string> read)
    {
        var result = new JsonObject { ["patch"] = patch.Path.Length > 0 ? read(patch.Path) : patch.Patch };
        if (patch.Target is { } target)
        {
            var map = new JsonObject();
            AddText(map, "group", target.Group);
            AddText(map, "version", target.Version);
            AddText(map, "kind", target.Kind);
            AddText(map, "name", target.Name);
            AddText(map, "namespace", target.Namespace);
            AddText(map, "labelSelector", target.LabelSelector);
            AddText(map, "annotationSelector", target.AnnotationSelector);
            result["target"] = map;
        }
        if (patch.Options.Count > 0) result["options"] = new JsonObject(patch.Options.Select(option => KeyValuePair.Create(option.Key, (JsonNode?)option.Value)));
        return result;
    }

    private static void AddText(JsonObject map, string field, string value)
    {
        if (value.Length > 0) map[field] = value;
    }

    private static void AddList(JsonObject map, string field, IEnumerable<JsonNode> items)
    {
        var list = new JsonArray([.. items]);
        if (list.Count > 0) map[field] = list;
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string> pairs) =>
        new(pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
}
