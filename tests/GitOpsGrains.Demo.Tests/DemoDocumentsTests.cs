using System.Text;
using GitOpsGrains.Demo.Playing;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Demo.Tests;

public sealed class DemoDocumentsTests
{
    [Fact]
    public void Documents_InAFolderWithOddLetters_AreValidAndAllThere()
    {
        var parsed = DocumentStream.ParseAndValidate(Encoding.UTF8.GetBytes(DemoDocuments.Of(new DemoFolder("/tmp/it's a {demo}: #1"))), DocumentLimits.Default, AdminPolicy.Local);

        Assert.True(parsed.IsValid, string.Join('\n', parsed.Faults));
        Assert.Equal(12, parsed.Documents.OfType<ClusterDocument>().Count());
        Assert.Equal(10, parsed.Documents.OfType<ApplicationDocument>().Count());
        Assert.Equal("/tmp/it's a {demo}: #1/demo/clusters/ap-edge.yaml", parsed.Documents.OfType<ClusterDocument>().First(static cluster => cluster.Metadata.Name == "ap-edge").Spec.Kubeconfig!.File);
        Assert.Equal("file:///tmp/it's a {demo}: #1/demo/fleet.git", Assert.Single(parsed.Documents.OfType<RepositoryDocument>()).Spec.Url);
    }
}
