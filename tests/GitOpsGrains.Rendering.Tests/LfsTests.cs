using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Rendering.Tests;

/// <summary>Files that Git LFS keeps elsewhere: what would be rendered from the pointer is never what was meant.</summary>
public sealed class LfsTests
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

    [Theory]
    [InlineData("chart/templates/a.yaml")]
    [InlineData("chart/values.yaml")]
    [InlineData("chart/charts/lib-1.0.0.tgz")]
    [InlineData("chart/files/motd.txt")]
    [InlineData("values/prod.yaml")]
    public async Task Render_AChartWithAPointer_IsAFaultOfThatFile(string file)
    {
        Tools.Require("helm");
        await using var harness = await ChartAsync(file);
        var source = new SourceSpec { Path = "chart", Helm = new HelmSpec { ValueFiles = ["/values/prod.yaml"], IgnoreMissingValueFiles = true } };

        var fault = Assert.Single((await harness.RenderAsync(await harness.PublishAsync(), source)).Faults);

        Assert.Equal((file, LfsPointer.Reason), (fault.File, fault.Reason));
    }

    [Theory]
    [InlineData("chart/docs/picture.png")]
    [InlineData("chart/icon.png")]
    public async Task Render_AChartWithAPointerThatIsNotRendered_GoesOn(string file)
    {
        Tools.Require("helm");
        await using var harness = await ChartAsync(file);

        Assert.Empty((await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec { Path = "chart" })).Faults);
    }

    [Theory]
    [InlineData("resources: [a.yaml, b.yaml]\n", "b.yaml")]
    [InlineData("resources: [a.yaml]\nconfigMapGenerator: [{name: made, files: [text.bin]}]\n", "text.bin")]
    public async Task Render_AKustomizationWithAPointer_IsAFaultOfThatFile(string kustomization, string file)
    {
        Tools.Require("kubectl");
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("kustomization.yaml", kustomization);
        await harness.Work.WriteAsync("a.yaml", RenderHarness.ConfigMap("a"));
        await harness.Work.WriteAsync(file, Pointer);

        var fault = Assert.Single((await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec())).Faults);

        Assert.Equal((file, LfsPointer.Reason), (fault.File, fault.Reason));
    }

    private static async Task<RenderHarness> ChartAsync(string pointer)
    {
        var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
        await harness.Work.WriteAsync("chart/templates/own.yaml", RenderHarness.ConfigMap("own"));
        await harness.Work.WriteAsync(pointer, Pointer);
        return harness;
    }
}
