using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// Writes quantities that manifests give as numbers (<c>cpu: 1</c>) as text, which they mean: server-side apply of older
/// servers (seen on 1.20) refuses numbers there.
/// </summary>
internal static class QuantityText
{
    /// <summary>The quantities outside of pod templates.</summary>
    public static void Normalise(TreeMap root, ResourceId id)
    {
        if (id is { Group: "apps", Kind: "StatefulSet" })
            foreach (var claim in root.Map("spec")?.List("volumeClaimTemplates")?.Items ?? [])
                Resources((claim as TreeMap)?.Map("spec")?.Map("resources"));
        if (id.Group.Length > 0) return;
        var spec = root.Map("spec");
        switch (id.Kind)
        {
            case "PersistentVolumeClaim":
                Resources(spec?.Map("resources"));
                break;
            case "PersistentVolume":
                All(spec?.Map("capacity"));
                break;
            case "ResourceQuota":
                All(spec?.Map("hard"));
                break;
            case "LimitRange":
                foreach (var limit in spec?.List("limits")?.Items ?? [])
                    foreach (var (_, quantities) in (limit as TreeMap)?.Entries ?? [])
                        All(quantities as TreeMap);
                break;
        }
    }

    /// <summary>Of a container or a claim.</summary>
    public static void Resources(TreeMap? resources)
    {
        All(resources?.Map("limits"));
        All(resources?.Map("requests"));
    }

    public static void All(TreeMap? quantities)
    {
        foreach (var key in (quantities?.Entries ?? []).Select(entry => entry.Key).ToList()) Field(quantities, key);
    }

    public static void Field(TreeMap? map, string key)
    {
        if (map?[key] is TreeScalar { Kind: ScalarKind.Number } number) map.Set(key, TreeScalar.Of(number.Text));
    }
}
