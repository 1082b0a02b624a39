using System.Text;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>A second control plane of the same installation: applies a revision as the product does, in its name and with its marks.</summary>
internal static class OtherProcess
{
    private const int AtOnce = 16;

    public static async Task ApplyAsync(ApiClient kube, string manifests, string space, TrackingOwner owner)
    {
        var parsed = ManifestParser.Parse("app/many.yaml", Encoding.UTF8.GetBytes(manifests), RenderLimits.Default);
        var kinds = new ApiCatalog([new ApiResource("", "v1", "ConfigMap", "configmaps", true, new HashSet<string> { "list", "watch" })], []);
        var desired = DesiredState.Build(ManifestSets.Combine(parsed.Objects).Set!, kinds, space, owner);
        await Parallel.ForEachAsync(desired.Objects, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (item, _) =>
            await kube.ApplyAsync(KubeExtensions.ConfigMapPath(space, item.Id.Name), Encoding.UTF8.GetString(item.Body.Span), Tracking.FieldManager));
    }
}
