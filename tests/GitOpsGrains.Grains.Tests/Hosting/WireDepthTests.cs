using System.Text.Json;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Documents.Rest;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace GitOpsGrains.Grains.Tests.Hosting;

public sealed class WireDepthTests
{
    [Fact]
    public void Manifest_AsDeepAsRenderingAllows_TravelsBetweenSilos()
    {
        const int Levels = 100;
        var manifest = JsonElement.Parse(string.Concat(Enumerable.Repeat("{\"a\":", Levels)) + "1" + new string('}', Levels), new JsonDocumentOptions { MaxDepth = 200 });
        using var services = new ServiceCollection().AddGitOpsGrainsSerialization().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();

        var read = serializer.Deserialize<ManifestsView>(serializer.SerializeToArray(new ManifestsView { Items = [new ManifestView { Manifest = manifest }] }));

        Assert.Equal(manifest.GetRawText(), Assert.Single(read!.Items).Manifest!.Value.GetRawText());
    }
}
