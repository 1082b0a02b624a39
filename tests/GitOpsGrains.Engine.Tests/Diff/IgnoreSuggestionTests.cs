using System.Text;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Validation;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class IgnoreSuggestionTests
{
    [Theory]
    [InlineData("""{"data":{"key":"git"}}""", """{"data":{"key":"theirs"}}""",
        "ignoreDifferences: [{group: \"\", kind: ConfigMap, name: one, jsonPointers: [/data/key]}]")]
    [InlineData("""{"data":{"a/b: c":"git"}}""", """{"data":{"a/b: c":"theirs"}}""",
        "ignoreDifferences: [{group: \"\", kind: ConfigMap, name: one, jsonPointers: [\"/data/a~1b: c\"]}]")]
    [InlineData("""{"list":[{"name":"app","image":"git"}]}""", """{"list":[{"name":"side"},{"name":"app","image":"theirs"}]}""",
        "ignoreDifferences: [{group: \"\", kind: ConfigMap, name: one, jqPathExpressions: [\".list[] | select(.name == \\\"app\\\") | .image\"]}]", 1)]
    [InlineData("""{"list":[{"name":"app","a-b":{"c":[1,2]}}]}""", """{"list":[{"name":"app","a-b":{"c":[1,3]}}]}""",
        "ignoreDifferences: [{group: \"\", kind: ConfigMap, name: one, jqPathExpressions: [\".list[] | select(.name == \\\"app\\\") | .\\\"a-b\\\".c[1]\"]}]")]
    [InlineData("""{"list":["a","b"]}""", """{"list":["a","c"]}""",
        "ignoreDifferences: [{group: \"\", kind: ConfigMap, name: one, jsonPointers: [/list/1]}]")]
    public void For_AField_IsALineThatIsAcceptedAndEndsTheDifference(string wanted, string live, string expected, int left = 0)
    {
        var (git, theirs) = (Live.Json(Named(wanted)), Live.Of(Named(live)));
        var path = ObjectDiff.Compute(git, theirs, DiffScope.AllFields)[0].Path;

        var line = IgnoreSuggestion.For(theirs, git, path);

        Assert.Equal(expected, line);
        var rest = ObjectDiff.Compute(git, theirs, DiffScope.AllFields, IgnoreRules.Of(Accepted(line)).For(theirs.Id));
        Assert.Equal(left, rest.Count);
        Assert.DoesNotContain(rest, difference => difference.Path == path);
    }

    /// <summary>What the product takes the line for, as part of an application's document.</summary>
    private static IReadOnlyList<IgnoreDifference> Accepted(string line)
    {
        var text = $$"""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: web}
            spec:
              source: {repository: fleet}
              destination: {clusters: [eu-1]}
              {{line}}
            """;
        var parsed = DocumentStream.ParseAndValidate(Encoding.UTF8.GetBytes(text), DocumentLimits.Default, AdminPolicy.None);
        Assert.Empty(parsed.Faults);
        return ((ApplicationDocument)Assert.Single(parsed.Documents)).Spec.IgnoreDifferences;
    }

    private static string Named(string json) => json.Insert(1, "\"metadata\":{\"name\":\"one\"},");
}
