using System.Text.Json.Nodes;
using System.Xml.Linq;
using GitOpsGrains.Deployment.Tests.Kubernetes;

namespace GitOpsGrains.Deployment.Tests.Images;

/// <summary>One version of the product, wherever an image is named.</summary>
public sealed class VersionTests
{
    private static readonly string Version = XDocument.Load(DeployedFiles.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

    [Fact]
    public void Compose_NamesTheImagesOfThisVersion() =>
        Assert.Equal(4, DeployedFiles.Read("docker-compose.yml").Split($":${{GITOPSGRAINS_VERSION:-{Version}}}\n").Length - 1);

    [Fact]
    public void Dockerfile_IsOfThisVersion() => Assert.Equal(2, DeployedFiles.Read("deploy/Dockerfile").Split($"\nARG VERSION={Version}\n").Length - 1);

    [Theory]
    [InlineData("azure")]
    [InlineData("single")]
    public async Task Overlay_NamesTheImagesOfThisVersion(string overlay) => AssertImages(await Rendered.OverlayAsync(overlay));

    [Fact]
    public async Task Chart_NamesTheImagesOfThisVersion() => AssertImages(await Rendered.ChartAsync());

    private static void AssertImages(IReadOnlyList<JsonObject> items) => Assert.Equal(
        [$"gitopsgrains/gateway:{Version}", $"gitopsgrains/silo:{Version}"],
        items.Of("Deployment", "StatefulSet").Select(static item => Rendered.Text(item["spec"]!["template"]!["spec"]!["containers"]![0]!["image"])!).Order(StringComparer.Ordinal));
}
