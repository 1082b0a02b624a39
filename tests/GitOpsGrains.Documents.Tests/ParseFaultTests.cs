using System.Text;
using GitOpsGrains.Documents.Parsing;

namespace GitOpsGrains.Documents.Tests;

public sealed class ParseFaultTests
{
    [Theory]
    [InlineData("sync: {autmated: true}", "spec.sync.autmated: unknown field; did you mean automated?")]
    [InlineData("zzzzzzzzz: 1", "spec.zzzzzzzzz: unknown field")]
    [InlineData("SUSPEND: true", "spec.SUSPEND: unknown field; did you mean suspend?")]
    [InlineData("sync: {suspend: {a.b: 1}}", "spec.sync.suspend: unknown field")]
    [InlineData("suspend: maybe", "spec.suspend: expected true or false, got a string")]
    [InlineData("project: 12", "spec.project: expected a string, got a number; put it in quotes")]
    [InlineData("project: on", "spec.project: expected a string, got a boolean; put it in quotes")]
    [InlineData("dependsOn: a", "spec.dependsOn: expected a list, got a string")]
    [InlineData("dependsOn: [a, {}]", "spec.dependsOn[1]: expected a string, got a mapping")]
    [InlineData("dependsOn: [a, ]", "spec.dependsOn: spec is not supported")]
    [InlineData("sync: [1]", "spec.sync: expected a mapping, got a list")]
    [InlineData("sync: {prune: 3}", "spec.sync.prune: expected true, false or a mapping, got a number")]
    [InlineData("sync: {prune: {budget: {objects: 1.5}}}", "spec.sync.prune.budget.objects: expected a whole number, got a number")]
    [InlineData("sync: {prune: {budget: {objects: 99999999999}}}", "spec.sync.prune.budget.objects: expected a whole number, got a number")]
    [InlineData("sync: {retry: {backoff: {factor: two}}}", "spec.sync.retry.backoff.factor: expected a number, got a string")]
    [InlineData("sync: {timeout: 10}", "spec.sync.timeout: expected a duration such as 30s, 3m or 1h30m, got a number")]
    [InlineData("sync: {timeout: -3m}", "spec.sync.timeout: expected a duration such as 30s, 3m or 1h30m, got other text")]
    [InlineData("sync: {timeout: 3m, timeout: 4m}", "spec.sync.timeout: the field is given twice")]
    [InlineData("project: !!binary aGk=", "spec.project: YAML tags are not supported here")]
    public void Parse_OneThingWrong_IsToldWithPathAndLine(string line, string expected)
    {
        if (expected.EndsWith("is not supported", StringComparison.Ordinal))
        {
            Assert.Empty(Streams.Parse(Streams.With(line)).Faults);
            return;
        }

        var fault = Assert.Single(Streams.Parse(Streams.With(line)).Faults);
        Assert.Equal($"document 0 (Application web), line 7: {expected}", fault.ToString());
    }

    [Theory]
    [InlineData("destination: {clusters: eu-1}", "spec.destination.clusters: expected a list, got a string")]
    [InlineData("destination: {clusterSelector: {matchLabels: {a: 1}}}", "spec.destination.clusterSelector.matchLabels.a: expected a string, got a number; put it in quotes")]
    [InlineData("destination: {clusterSelector: {matchLabels: {a: }}}", "spec.destination.clusterSelector.matchLabels.a: expected a string, got nothing")]
    public void Parse_WrongTypeInDestination_IsNamed(string line, string expected) =>
        Assert.Equal($"document 0 (Application web), line 5: {expected}", Assert.Single(Streams.Parse($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: web}
            spec:
              {{line}}
            """).Faults).ToString());

    [Theory]
    [InlineData("apiVersion: argoproj.io/v1alpha1\nkind: Application", "document 0 (Application), line 1: apiVersion: expected gitopsgrains.io/v1, got argoproj.io/v1alpha1")]
    [InlineData("kind: Application", "document 0 (Application), line 1: apiVersion: expected gitopsgrains.io/v1, got nothing")]
    [InlineData("apiVersion: gitopsgrains.io/v1\nkind: Aplication", "document 0 (Aplication), line 2: kind: expected one of Repository, Cluster, Project, Application, RepositoryCredentials, got Aplication; did you mean Application?")]
    [InlineData("apiVersion: gitopsgrains.io/v1", "document 0, line 1: kind: expected one of Repository, Cluster, Project, Application, RepositoryCredentials, got nothing")]
    [InlineData("[1, 2]", "document 0, line 1: expected a document, got a list")]
    [InlineData("hello", "document 0, line 1: expected a document, got a string")]
    [InlineData("{[1]: 2}", "document 0, line 1: a key must be plain text")]
    [InlineData("a: *b", "document 0, line 1: an alias names no anchor before it")]
    [InlineData("a: {<<: 3}", "document 0, line 1: '<<' merges mappings only")]
    [InlineData("a: !custom {b: 1}", "document 0, line 1: YAML tags are not supported here")]
    public void Parse_NotADocument_IsTold(string text, string expected) =>
        Assert.Equal(expected, Assert.Single(Streams.Parse(text).Faults).ToString());

    [Fact]
    public void Parse_FaultsInSeveralDocuments_AreAllToldWithTheirIndexes()
    {
        var text = Streams.With("sync: {autmated: 1, prune: 2}") + "\n---\n# nothing here\n---\na: b: c\n---\n" + Streams.Cluster("{inCluster: 5}") + "\n---\n" + Streams.With("suspend: true");

        var result = Streams.Parse(text);

        Assert.Equal(
            [
                "document 0 (Application web), line 7: spec.sync.autmated: unknown field; did you mean automated?",
                "document 0 (Application web), line 7: spec.sync.prune: expected true, false or a mapping, got a number",
                "document 1, line 11: not YAML: While scanning a plain scalar value, found invalid mapping.",
                "document 2 (Cluster eu-1), line 16: spec.inCluster: expected true or false, got a number",
            ],
            result.Faults.Select(static fault => fault.ToString()));
        Assert.IsType<ApplicationDocument>(Assert.Single(result.Documents));
        Assert.Equal([3], result.Indexes);
        Assert.Equal(4, result.Count);
    }

    [Fact]
    public void Parse_WrongValues_AreNeverRepeated()
    {
        var faults = Streams.Faults(Streams.Repository("{url: 'https://bot:hunter2@example.com/a.git', credentials: {passwordFrom: hunter2, username: [hunter2]}}"));
        Assert.NotEmpty(faults);
        Assert.DoesNotContain(faults, static fault => fault.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_NotUtf8_IsOneFault()
    {
        Assert.Equal("the stream is not UTF-8", Only([0x61, 0xff, 0xfe]));
        Assert.Equal("the stream is not UTF-8", Only(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("kind: x")).ToArray()));

        static string Only(byte[] bytes) => Assert.Single(DocumentStream.Parse(bytes, DocumentLimits.Default).Faults).ToString();
    }

    [Fact]
    public void Parse_ByteOrderMark_IsReadOver() =>
        Assert.Empty(Streams.Parse("\uFEFF" + Streams.With("suspend: true")).Faults);

    [Fact]
    public void Parse_EmptyStream_HasNothing()
    {
        foreach (var text in new[] { "", "\n", "---\n---\n", "# only this\n", "%YAML 1.2\n---\n" })
        {
            var result = Streams.Parse(text);
            Assert.Empty(result.Faults);
            Assert.Empty(result.Documents);
        }
    }

    [Fact]
    public void Parse_TwiceTheSameDocument_IsAFaultThatNamesTheFirst()
    {
        var text = Streams.With("suspend: true") + "\n---\n" + Streams.With("project: other") + "\n---\n" + Streams.With("suspend: false");
        Assert.Equal(["document 2 (Application web), line 19: metadata.name: the same Application is document 0 of this stream"], Streams.Faults(text));
    }
}
