using System.Text;
using System.Text.Json;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Manifests;

/// <summary>Each folder of Scenarios holds one input and what it is parsed and normalised to.</summary>
public sealed class ScenarioTests
{
    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "Scenarios")).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parse_Scenario_GivesTheExpectedObjects(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Scenarios", name);

        var result = ManifestParser.Parse("input.yaml", File.ReadAllBytes(Path.Combine(folder, "input.yaml")), RenderLimits.Default);

        Assert.Empty(result.Faults);
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        Assert.Equal(
            expected.RootElement.EnumerateArray().Select(element => Encoding.UTF8.GetString(Canonical(element))).ToArray(),
            result.Objects.Select(manifest => Encoding.UTF8.GetString(manifest.Json.Span)).ToArray());
        Assert.All(result.Objects, manifest => Assert.Equal(Abstractions.Identity.Digest.Of(manifest.Json.Span), manifest.Hash));
    }

    private static byte[] Canonical(JsonElement element)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        CanonicalJson.Write(element, output);
        return output.WrittenSpan.ToArray();
    }
}
