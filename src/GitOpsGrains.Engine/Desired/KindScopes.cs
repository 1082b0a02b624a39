using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>Which kinds are namespaced: as the cluster serves them, or as CustomResourceDefinitions of the same set will.</summary>
internal sealed class KindScopes
{
    private readonly ApiCatalog _catalog;
    private readonly Dictionary<(string Group, string Version, string Kind), bool> _defined = [];

    private KindScopes(ApiCatalog catalog) => _catalog = catalog;

    public static KindScopes Of(ManifestSet set, ApiCatalog catalog)
    {
        var scopes = new KindScopes(catalog);
        foreach (var manifest in set.Objects)
            if (manifest.Id is { Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition" })
                scopes.Define((TreeMap)JsonTreeReader.ReadTrusted(manifest.Json.Span));
        return scopes;
    }

    /// <summary>Null with a reason if nobody knows the kind in this version.</summary>
    public bool? IsNamespaced(ManifestObject manifest, out string reason)
    {
        reason = "";
        var (group, kind) = (manifest.Id.Group, manifest.Id.Kind);
        var version = group.Length == 0 ? manifest.ApiVersion : manifest.ApiVersion[(group.Length + 1)..];
        if (_catalog.Find(group, version, kind) is { } served) return served.Namespaced;
        if (_defined.TryGetValue((group, version, kind), out var namespaced)) return namespaced;
        if (_catalog.FailedGroups.Contains(manifest.ApiVersion))
            reason = $"the cluster could not tell what kinds {manifest.ApiVersion} has";
        else if (_catalog.Find(group, kind) is { } other)
            reason = $"the cluster serves {kind} as {other.ApiVersion}, not as {manifest.ApiVersion}";
        else
            reason = $"the cluster has no kind {kind} in {manifest.ApiVersion}, and no CustomResourceDefinition here defines it";
        return null;
    }

    private void Define(TreeMap definition)
    {
        if (definition.Map("spec") is not { } spec || spec.Text("group") is not { } group || spec.Map("names")?.Text("kind") is not { } kind) return;
        var namespaced = spec.Text("scope") != "Cluster";
        if (spec.Text("version") is { } single) _defined.TryAdd((group, single, kind), namespaced);
        foreach (var item in spec.List("versions")?.Items ?? [])
            if (item is TreeMap version && version.Text("name") is { } name && version["served"] is not TreeScalar { Kind: ScalarKind.False })
                _defined.TryAdd((group, name, kind), namespaced);
    }
}
