using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Documents.Tests;

public sealed class DocumentJsonTests
{
    [Fact]
    public void Rest_OfAManifestAsDeepAsRenderingAllows_WritesAndReadsIt()
    {
        const int Levels = 100;
        var manifest = JsonElement.Parse(string.Concat(Enumerable.Repeat("{\"a\":", Levels)) + "1" + new string('}', Levels), new JsonDocumentOptions { MaxDepth = 200 });
        var view = new ManifestsView { Items = [new ManifestView { Object = "ConfigMap:web/a", Manifest = manifest }] };

        var read = JsonSerializer.Deserialize<ManifestsView>(JsonSerializer.Serialize(view, DocumentJson.Rest), DocumentJson.Rest)!;

        Assert.Equal(manifest.GetRawText(), Assert.Single(read.Items).Manifest!.Value.GetRawText());
    }
}
