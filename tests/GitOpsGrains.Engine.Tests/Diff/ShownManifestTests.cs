using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class ShownManifestTests
{
    [Theory]
    [InlineData("Secret", """{"apiVersion":"v1","data":{"a":"***"},"kind":"Secret","metadata":{"annotations":{"note":"n"},"name":"x"},"stringData":{"b":"***"}}""")]
    [InlineData("ConfigMap", """{"apiVersion":"v1","data":{"a":"canary-a"},"kind":"ConfigMap","metadata":{"annotations":{"note":"n"},"name":"x"},"stringData":{"b":"canary-b"}}""")]
    public void Of_AManifest_HidesTheValuesOfSecretsAndCopiesOfManifests(string kind, string expected) => Assert.Equal(expected, Shown(kind, $$$"""
        {"apiVersion":"v1","data":{"a":"canary-a"},"kind":"{{{kind}}}","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{canary-copy}","note":"n"},"name":"x"},"stringData":{"b":"canary-b"}}
        """));

    [Fact]
    public void Of_AMaskedAnnotation_HidesItsValue() => Assert.Contains(
        "\"vault\":\"***\"", Shown("ConfigMap", """{"metadata":{"annotations":{"vault":"canary"},"name":"x"}}""", "vault"), StringComparison.Ordinal);

    [Fact]
    public void Of_ASecretWhoseDataIsNoMapping_HidesAllOfIt() =>
        Assert.Equal("""{"data":"***","metadata":{"name":"x"}}""", Shown("Secret", """{"data":"canary","metadata":{"name":"x"}}"""));

    private static string Shown(string kind, string json, params string[] masked)
    {
        var id = new ResourceId("", kind, "", "x");
        var bytes = Encoding.UTF8.GetBytes(json);
        return ShownManifest.Of(new ManifestObject(id, "v1", bytes, Digest.Of(bytes), new ManifestPosition("a.yaml", 0)), ValueMask.For(id, masked)).GetRawText();
    }
}
