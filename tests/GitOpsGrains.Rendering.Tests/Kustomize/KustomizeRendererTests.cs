using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Rendering.Tests.Kustomize;

public sealed class KustomizeRendererTests
{
    private const string Production = "app/overlays/production";

    private static async Task<(RenderHarness Harness, string Commit)> StartAsync()
    {
        Tools.Require("kubectl");
        var harness = await RenderHarness.StartAsync();
        await KustomizeSamples.WriteAsync(harness.Work);
        return (harness, await harness.PublishAsync());
    }

    [Theory]
    [InlineData("app/crd")]
    [InlineData("app/base")]
    [InlineData(Production)]
    public async Task Render_ASample_GivesWhatTheBinaryPrints(string path)
    {
        var (harness, commit) = await StartAsync();
        await using var _ = harness;

        BinaryOutput.Same(await BinaryOutput.KustomizeAsync(harness.Work.Folder, path), await harness.RenderAsync(commit, new SourceSpec { Path = path }));
    }

    [Fact]
    public async Task Render_WithOptions_GivesWhatTheBinaryPrintsForAnOverlay()
    {
        var (harness, commit) = await StartAsync();
        await using var _ = harness;
        await harness.Work.WriteAsync("overlay/kustomization.yaml", """
            resources: [../app/base]
            namePrefix: a-
            nameSuffix: -z
            namespace: other
            images: [{name: example.com/web, newName: localhost:5000/web, newTag: "7"}]
            replicas: [{name: web, count: 5}]
            labels:
            - {pairs: {one: "1"}, includeSelectors: true}
            - {pairs: {two: "2"}, includeSelectors: false, includeTemplates: true}
            commonAnnotations: {who: me}
            components: [../app/components/monitoring]
            patches:
            - patch: '[{"op":"add","path":"/metadata/annotations/patched","value":"yes"}]'
              target: {kind: Deployment, name: web}
            - path: limits.yaml
            """);
        await harness.Work.WriteAsync("overlay/limits.yaml", await File.ReadAllTextAsync(Path.Combine(harness.Work.Folder, Production, "limits.yaml")));

        var result = await harness.RenderAsync(commit, new SourceSpec
        {
            Path = "app/base",
            Kustomize = new KustomizeSpec
            {
                NamePrefix = "a-",
                NameSuffix = "-z",
                Namespace = "other",
                Images = ["example.com/web=localhost:5000/web:7"],
                Replicas = [new KustomizeReplica { Name = "web", Count = 5 }],
                CommonLabels = new Dictionary<string, string> { ["one"] = "1" },
                Labels = [new KustomizeLabels { Pairs = new Dictionary<string, string> { ["two"] = "2" }, IncludeTemplates = true }],
                CommonAnnotations = new Dictionary<string, string> { ["who"] = "me" },
                Components = ["../components/monitoring"],
                Patches =
                [
                    new KustomizePatch { Patch = """[{"op":"add","path":"/metadata/annotations/patched","value":"yes"}]""", Target = new KustomizeTarget { Kind = "Deployment", Name = "web" } },
                    new KustomizePatch { Path = "../overlays/production/limits.yaml" },
                ],
            },
        });

        BinaryOutput.Same(await BinaryOutput.KustomizeAsync(harness.Work.Folder, "overlay"), result);
    }

    [Fact]
    public async Task Key_FollowsWhatIsRead_AndNothingElse()
    {
        var (harness, first) = await StartAsync();
        await using var _ = harness;
        var source = new SourceSpec { Path = Production };
        async Task<RenderKey> KeyAsync(string commit, SourceSpec? other = null) =>
            await harness.Renderer.KeyAsync(harness.Request(commit, other ?? source), TestContext.Current.CancellationToken);
        var key = await KeyAsync(first);

        await harness.Work.WriteAsync("app/base/README.md", "words\n");
        await harness.Work.WriteAsync("elsewhere/a.yaml", RenderHarness.ConfigMap("a"));
        var unread = await harness.PublishAsync();
        var blobs = harness.Mirrors.BlobsRead;
        Assert.Equal(key, await KeyAsync(unread));
        Assert.Equal(blobs, harness.Mirrors.BlobsRead);

        var keys = new List<string> { key.Value };
        foreach (var file in new[] { "app/base/settings.env", "app/crd/widgets.yaml", "app/components/monitoring/annotate.yaml", Production + "/annotations.yaml" })
        {
            await harness.Work.WriteAsync(file, await File.ReadAllTextAsync(Path.Combine(harness.Work.Folder, file)) + "\n");
            keys.Add((await KeyAsync(await harness.PublishAsync())).Value);
        }
        // A probed name that was absent: a second kustomization file is a fault.
        await harness.Work.WriteAsync("app/base/kustomization.yml", "resources: []\n");
        var last = await harness.PublishAsync();
        keys.Add((await KeyAsync(last)).Value);
        keys.Add((await KeyAsync(last, source with { Kustomize = new KustomizeSpec { NamePrefix = "x" } })).Value);
        Assert.Equal(keys, keys.Distinct());
        Assert.Contains(key.ReadSet.Entries, entry => entry is { Path: "app/base/kustomization.yml", ObjectId: "" });
        Assert.DoesNotContain(key.ReadSet.Entries, entry => entry.Path.EndsWith("README.md", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Render_ThroughLinksInside_GivesWhatTheBinaryPrints()
    {
        var (harness, _) = await StartAsync();
        await using var disposed = harness;
        harness.Work.Link("linked/base", "../app/base");
        await harness.Work.WriteAsync("linked/kustomization.yaml", "resources: [base]\nnamePrefix: l-\n");
        harness.Work.Link("front", "linked");
        var commit = await harness.PublishAsync();

        BinaryOutput.Same(await BinaryOutput.KustomizeAsync(harness.Work.Folder, "linked"), await harness.RenderAsync(commit, new SourceSpec { Path = "front" }));
    }

    [Fact]
    public async Task Render_OfALinkThatIsPointedElsewhere_IsAnotherOne()
    {
        await using var harness = await RenderHarness.StartAsync();
        Tools.Require("kubectl");
        foreach (var version in new[] { "v1", "v2" })
        {
            await harness.Work.WriteAsync($"common/{version}/kustomization.yaml", "resources: [a.yaml]\n");
            await harness.Work.WriteAsync($"common/{version}/a.yaml", RenderHarness.ConfigMap(version));
        }
        await harness.Work.WriteAsync("app/kustomization.yaml", "resources: [../common/current]\n");
        harness.Work.Link("common/current", "v1");
        var first = await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec { Path = "app" });
        File.Delete(Path.Combine(harness.Work.Folder, "common/current"));
        harness.Work.Link("common/current", "v2");

        var second = await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec { Path = "app" });

        Assert.Equal(("v1", "v2"), (Assert.Single(first.Set!.Objects).Id.Name, Assert.Single(second.Set!.Objects).Id.Name));
    }

    [Fact]
    public async Task Render_WithVariables_PutsThemIntoTheResult()
    {
        await using var harness = await RenderHarness.StartAsync();
        Tools.Require("kubectl");
        await harness.Work.WriteAsync("kustomization.yaml", "resources: [a.yaml]\nnamePrefix: ${TEAM}-\n");
        await harness.Work.WriteAsync("a.yaml", RenderHarness.ConfigMap("a", "${REGION:=nowhere} ${TEAM}"));
        var commit = await harness.PublishAsync();
        var source = new SourceSpec { Substitute = new SubstituteSpec { Variables = new Dictionary<string, string> { ["TEAM"] = "web" } } };
        var context = new RenderContext { Variables = new Dictionary<string, string> { ["TEAM"] = "label", ["REGION"] = "eu" } };

        var result = await harness.RenderAsync(commit, source, context);
        Assert.Empty(result.Faults);
        Assert.Contains("\"value\":\"eu web\"", BinaryOutput.Show(Assert.Single(result.Set!.Objects)), StringComparison.Ordinal);
        Assert.Equal("web-a", result.Set.Objects[0].Id.Name);

        var plain = await harness.RenderAsync(commit, new SourceSpec { Path = "a.yaml" }, context);
        Assert.Contains("${REGION", BinaryOutput.Show(Assert.Single(plain.Set!.Objects)), StringComparison.Ordinal);
        var directory = await harness.RenderAsync(commit, source with { Path = "a.yaml" });
        Assert.Contains("\"nowhere web\"", BinaryOutput.Show(Assert.Single(directory.Set!.Objects)), StringComparison.Ordinal);
        Assert.NotEqual(plain.Key, directory.Key);
    }

    [Fact]
    public async Task Render_WhatKustomizeRefuses_IsAFaultInItsWords()
    {
        await using var harness = await RenderHarness.StartAsync();
        Tools.Require("kubectl");
        await harness.Work.WriteAsync("app/kustomization.yaml", "resources: [a.yaml, b.yaml]\n");
        await harness.Work.WriteAsync("app/a.yaml", RenderHarness.ConfigMap("same"));
        await harness.Work.WriteAsync("app/b.yaml", RenderHarness.ConfigMap("same"));
        var commit = await harness.PublishAsync();

        var fault = Assert.Single((await harness.RenderAsync(commit, new SourceSpec { Path = "app" })).Faults);

        Assert.Equal("kustomization.yaml", fault.File);
        Assert.Contains("may not add resource with an already registered id", fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_WithoutTheTool_SaysWhatToInstall()
    {
        await using var harness = await RenderHarness.StartAsync(options => options.Kustomize = "/nowhere/kustomize");
        await harness.Work.WriteAsync("kustomization.yaml", "resources: []\n");
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit, new SourceSpec());

        Assert.Equal("kustomize is not where the setting Rendering:Kustomize says", Assert.Single(result.Faults).Reason);
        Assert.True(result.IsTransient);
    }
}
