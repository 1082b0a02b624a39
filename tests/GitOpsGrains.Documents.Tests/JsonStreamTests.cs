namespace GitOpsGrains.Documents.Tests;

public sealed class JsonStreamTests
{
    private const string Project = "{\"apiVersion\":\"gitopsgrains.io/v1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%\"},\"spec\":{}}";

    [Fact]
    public void Parse_JsonWithTabsManyValuesAndYamlBetween_ReadsAll()
    {
        var text = Named("a").Replace(",", ",\n\t", StringComparison.Ordinal) + "\n" + Named("b") + "\n---\napiVersion: gitopsgrains.io/v1\nkind: Project\nmetadata: {name: c}\n---\n{apiVersion: gitopsgrains.io/v1, kind: Project, metadata: {name: d}}\n";

        var result = Streams.Parse(text);

        Assert.Empty(result.Faults);
        Assert.Equal(["a", "b", "c", "d"], result.Documents.Select(static document => document.Metadata.Name));
        Assert.Equal([0, 1, 2, 3], result.Indexes);
    }

    [Fact]
    public void Parse_JsonKeyTwice_IsAFault() =>
        Assert.Equal("document 0 (Project a), line 1: spec: the field is given twice", Assert.Single(Streams.Parse(Named("a").Replace("\"spec\":{}", "\"spec\":{},\"spec\":{}", StringComparison.Ordinal)).Faults).ToString());

    [Fact]
    public void Parse_SecondJsonBroken_FirstIsReadAndTheRestIsAFault()
    {
        var result = Streams.Parse(Named("a") + "\n{\"kind\": }\n");
        Assert.Equal("a", Assert.Single(result.Documents).Metadata.Name);
        Assert.Equal("document 1, line 2: not JSON", Assert.Single(result.Faults).ToString());
    }

    [Fact]
    public void Parse_AnchorsAndMergeKeys_AreExpanded()
    {
        var document = Streams.One<ApplicationDocument>("""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata:
              name: &name web
              labels: &labels {team: *name}
            spec:
              source: {repository: fleet}
              destination: {clusterSelector: {matchLabels: {<<: *labels, region: eu}}}
            """);
        Assert.Equal("web", document.Metadata.Labels["team"]);
        Assert.Equal(["region", "team"], document.Spec.Destination.ClusterSelector!.MatchLabels!.Keys.Order(StringComparer.Ordinal));
    }

    private static string Named(string name) => Project.Replace("%", name, StringComparison.Ordinal);
}
