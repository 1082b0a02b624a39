using System.Text.Json;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>A manifest as people may see it: values of Secrets masked, other tools' copies of it left out.</summary>
public static class ShownManifest
{
    public static JsonElement Of(ManifestObject manifest, ValueMask mask)
    {
        var tree = ObjectTree.Normalised(TrustedJson.Parse(manifest.Json.Span));
        mask.Hide(null, tree);
        return TrustedJson.Parse(CanonicalJson.Write(tree));
    }
}
