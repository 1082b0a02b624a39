using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class ObjectDiffTests
{
    [Fact]
    public void Compute_DryRunOfTheSame_IsEmptyWhateverIsVolatile()
    {
        var dryRun = Live.ConfigMap.Replace("1042", "2000", StringComparison.Ordinal).Replace("2026", "2027", StringComparison.Ordinal);

        Assert.Empty(ObjectDiff.Compute(Live.Json(dryRun), Live.Of(Live.ConfigMap), DiffScope.AllFields));
    }

    [Theory]
    [InlineData("""{"spec":{"a":1,"b":[1,2]}}""", """{"spec":{"a":2,"b":[1,3]}}""", "/spec/a:2>1 /spec/b/1:3>2")]
    [InlineData("""{"spec":{"a":{"x":1}}}""", """{"spec":{}}""", "/spec/a:->{\"x\":1}")]
    [InlineData("""{"spec":{}}""", """{"spec":{"a/b~c":"x"}}""", "/spec/a~1b~0c:\"x\">-")]
    [InlineData("""{"spec":{"l":[1]}}""", """{"spec":{"l":[1,2]}}""", "/spec/l:[1,2]>[1]")]
    [InlineData("""{"c":[{"name":"a","v":1},{"name":"b"}]}""", """{"c":[{"name":"b"},{"name":"a","v":2},{"name":"x"}]}""", "/c/0/v:2>1 /c/2:{\"name\":\"x\"}>- /c:[\"b\",\"a\"]>[\"a\",\"b\"]")]
    [InlineData("""{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"x"}}}""", """{"metadata":{"annotations":{}}}""", "")]
    public void Compute_AllFields_NamesEachDifference(string wanted, string live, string expected) =>
        Assert.Equal(expected, Text(ObjectDiff.Compute(Live.Json(Named(wanted)), Live.Of(Named(live)), DiffScope.AllFields)));

    [Fact]
    public void Compute_WantedFields_IgnoresWhatTheManifestDoesNotName()
    {
        var live = Live.Of("""{"metadata":{"name":"n"},"spec":{"a":1,"defaulted":true,"c":[{"name":"x","image":"1"},{"name":"sidecar"}]}}""");

        var differences = ObjectDiff.Compute(Live.Json("""{"spec":{"a":1,"c":[{"name":"x","image":"2"}]}}"""), live, DiffScope.WantedFields);

        Assert.Equal([new FieldDifference("/spec/c/0/image", "\"1\"", "\"2\"")], differences);
    }

    [Fact]
    public void Compute_Secret_ShowsThatDataDiffersButNeverWhat()
    {
        var live = Live.Of("""{"metadata":{"name":"s"},"data":{"a":"b2xkLXNlY3JldA==","same":"eA==","gone":"Z29uZQ=="},"type":"Opaque"}""", "v1", "Secret");

        var differences = ObjectDiff.Compute(Live.Json("""{"metadata":{"name":"s"},"data":{"a":"bmV3LXNlY3JldA==","same":"eA=="},"type":"Other"}"""), live, DiffScope.AllFields);

        Assert.Equal(
            [new FieldDifference("/data/a", "***", "*** (changed)"), new FieldDifference("/data/gone", "***", null), new FieldDifference("/type", "\"Opaque\"", "\"Other\"")],
            differences);
        Assert.Equal([new FieldDifference("/data", "***", null)], ObjectDiff.Compute(Live.Json("""{"metadata":{"name":"s"},"type":"Opaque"}"""), live, DiffScope.AllFields));
    }

    private static string Named(string json) => json.Contains("metadata", StringComparison.Ordinal)
        ? json.Replace("\"metadata\":{", "\"metadata\":{\"name\":\"n\",", StringComparison.Ordinal)
        : json.Insert(1, "\"metadata\":{\"name\":\"n\"},");

    private static string Text(IReadOnlyList<FieldDifference> differences) =>
        string.Join(' ', differences.Select(difference => $"{difference.Path}:{difference.From ?? "-"}>{difference.To ?? "-"}"));
}
