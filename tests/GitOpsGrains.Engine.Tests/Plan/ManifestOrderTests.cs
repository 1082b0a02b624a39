using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Plan;

/// <summary>The order of manifests is told as a sync would apply them, without a cluster.</summary>
public sealed class ManifestOrderTests
{
    [Fact]
    public void Of_PhasesWavesKindsAndNames_AreInTheOrderOfASync()
    {
        var set = SetOf(
            Manifest("apps", "Deployment", "", "web"),
            Manifest("", "ConfigMap", "", "b"),
            Manifest("", "ConfigMap", "", "a"),
            Manifest("", "ConfigMap", "", "late", "gitopsgrains.io/sync-wave", "5"),
            Manifest("", "ConfigMap", "", "early", "argocd.argoproj.io/sync-wave", "-1"),
            Manifest("batch", "Job", "", "tell", "argocd.argoproj.io/hook", "PostSync"),
            Manifest("batch", "Job", "", "page", "gitopsgrains.io/hook", "SyncFail"),
            Manifest("", "ConfigMap", "", "left", "argocd.argoproj.io/hook", "Skip"));

        Assert.Equal(
            ["early Sync -1", "a Sync 0", "b Sync 0", "web Sync 0", "late Sync 5", "tell PostSync 0", "page SyncFail 0", "left  0"],
            Lines(ManifestOrder.Of(set, "shop")));
    }

    [Fact]
    public void Of_ANamespaceAndADefinition_ComeBeforeWhatNeedsThem()
    {
        var set = SetOf(
            Manifest("", "Namespace", "", "shop"),
            Manifest("", "Namespace", "", "other"),
            Manifest("apiextensions.k8s.io", "CustomResourceDefinition", "", "widgets.example.com"),
            Manifest("batch", "Job", "", "migrate", "gitopsgrains.io/hook", "PreSync"),
            Manifest("example.com", "Widget", "shop", "w", "gitopsgrains.io/sync-wave", "-3"));

        Assert.Equal(
            ["shop PreSync 0", "migrate PreSync 0", "widgets.example.com Sync -3", "w Sync -3", "other Sync 0"],
            Lines(ManifestOrder.Of(set, "shop")));
    }

    [Fact]
    public void Of_AHookOfTwoPhases_StandsInTheFirst()
    {
        var set = SetOf(Manifest("batch", "Job", "", "both", "argocd.argoproj.io/hook", "PostSync,PreSync"));

        Assert.Equal(["both PreSync 0"], Lines(ManifestOrder.Of(set, "")));
    }

    [Fact]
    public void Of_NothingAtAll_IsEmpty() => Assert.Empty(ManifestOrder.Of(SetOf(), "shop"));

    private static IEnumerable<string> Lines(IReadOnlyList<OrderedManifest> ordered) =>
        ordered.Select(item => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{item.Manifest.Id.Name} {item.Phase} {item.Wave}"));

    private static ManifestSet SetOf(params ManifestObject[] objects) => ManifestSets.Combine(objects).Set!;

    private static ManifestObject Manifest(string group, string kind, string space, string name, string? annotation = null, string value = "")
    {
        var annotations = annotation is null ? "" : $$""","annotations":{"{{annotation}}":"{{value}}"} """;
        var json = Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}"{{{annotations}}} } }""");
        return new ManifestObject(new ResourceId(group, kind, space, name), "v1", json, Digest.Of(json), new ManifestPosition($"{name}.yaml", 0));
    }
}
