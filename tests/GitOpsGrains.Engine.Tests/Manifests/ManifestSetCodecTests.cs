using System.Text;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Tests.Manifests;

public sealed class ManifestSetCodecTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(95)]
    public void Decode_OfASetWithAnObjectAsDeepAsTheLimitAllows_GivesItBack(int levels)
    {
        var set = ManifestSets.Combine(Parsed(levels)).Set!;

        var read = ManifestSetCodec.Decode(ManifestSetCodec.Encode(set));

        Assert.Equal(set.Digest, read.Digest);
        Assert.Equal(set.Objects[0].Json.ToArray(), Assert.Single(read.Objects).Json.ToArray());
    }

    [Fact]
    public void ShownManifest_OfAnObjectAsDeepAsTheLimitAllows_IsAllOfIt()
    {
        var manifest = Parsed(95)[0];

        Assert.Equal(Encoding.UTF8.GetString(manifest.Json.Span), ShownManifest.Of(manifest, ValueMask.For(manifest.Id)).GetRawText());
    }

    [Fact]
    public void UnifiedDiff_OfAnObjectAsDeepAsTheLimitAllows_IsMade() =>
        Assert.Contains("name: a", UnifiedDiff.OfDelete(Live.Of(Encoding.UTF8.GetString(Parsed(95)[0].Json.Span)), ValueMask.For(Parsed(95)[0].Id)).Text, StringComparison.Ordinal);

    private static IReadOnlyList<ManifestObject> Parsed(int levels)
    {
        var value = string.Concat(Enumerable.Repeat("{a: ", levels)) + "x" + new string('}', levels);
        return ManifestParser.Parse("a.yaml", Encoding.UTF8.GetBytes($"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {value}}}"), new RenderLimits()).Objects;
    }
}
