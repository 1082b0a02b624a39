using System.Text;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Deployment.Tests.Samples;

/// <summary>The documents of deploy/samples, as a server outside of loopback takes them from an administrator.</summary>
public sealed class SampleTests
{
    private static readonly AdminPolicy Policy = new() { IsAdmin = true, Directories = ["/etc/gitopsgrains"] };

    private static string Stream => string.Join("\n---\n", Directory.EnumerateFiles(DeployedFiles.PathOf("deploy/samples"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText));

    private static IReadOnlyList<Document> Samples
    {
        get
        {
            var result = DocumentStream.ParseAndValidate(Encoding.UTF8.GetBytes(Stream), DocumentLimits.Default, Policy);
            Assert.Empty(result.Faults);
            return result.Documents;
        }
    }

    [Fact]
    public void Samples_AllTogether_AreValidAndShowEveryKind() =>
        Assert.Equal(DocumentKinds.All.Order(StringComparer.Ordinal), Samples.Select(static document => document.Kind).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Samples_NameOnlyWhatIsAmongThem()
    {
        var names = Samples.Select(static document => $"{document.Kind}/{document.Metadata.Name}").ToHashSet(StringComparer.Ordinal);
        var labels = Samples.OfType<ClusterDocument>().Select(static cluster => cluster.Metadata.Labels).ToArray();
        foreach (var application in Samples.OfType<ApplicationDocument>())
        {
            Assert.Contains($"Project/{application.Spec.Project}", names);
            Assert.All(application.Spec.AllSources, source => Assert.Contains($"Repository/{source.Repository}", names));
            Assert.All(application.Spec.Destination.Clusters, cluster => Assert.Contains($"Cluster/{cluster}", names));
            Assert.All(application.Spec.DependsOn, other => Assert.Contains($"Application/{other}", names));
            if (application.Spec.Destination.ClusterSelector is { } selector) Assert.Contains(labels, selector.Matches);
        }
    }

    [Fact]
    public void Samples_WithAFieldThatIsNotKnown_AreFaults()
    {
        var wrong = Encoding.UTF8.GetBytes(Stream.Replace("selfHeal:", "selfHeel:", StringComparison.Ordinal));
        Assert.Contains(DocumentStream.ParseAndValidate(wrong, DocumentLimits.Default, Policy).Faults, static fault => fault.ToString().Contains("selfHeel", StringComparison.Ordinal));
    }
}
