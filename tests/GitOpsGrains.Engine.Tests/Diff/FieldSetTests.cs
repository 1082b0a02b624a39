using System.Text;
using System.Text.Json;
using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class FieldSetTests
{
    private const string Fields = """{"f:metadata":{"f:labels":{".":{},"f:a.b/c":{}}},"f:spec":{"f:list":{"v:\"x\"":{},"i:2":{}},"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}}},"f:replicas":{}}}""";

    [Fact]
    public void LeafPaths_AllElements_AreReadable() =>
        Assert.Equal(
            [".metadata.labels.a.b/c", ".spec.list[2]", ".spec.list[=\"x\"]", ".spec.ports[port=80,protocol=TCP].name", ".spec.ports[port=80,protocol=TCP].port", ".spec.replicas"],
            Set(Fields).LeafPaths());

    [Fact]
    public void Write_WhatWasParsed_IsTheSame() => Assert.Equal(Fields.Replace("\"v:\\\"x\\\"\":{},\"i:2\":{}", "\"i:2\":{},\"v:\\\"x\\\"\":{}", StringComparison.Ordinal), Json(Set(Fields)));

    [Fact]
    public void Contains_ContainerWithoutDot_IsNoMember()
    {
        Assert.True(Set(Fields).Contains("f:metadata", "f:labels"));
        Assert.False(Set(Fields).Contains("f:spec"));
        Assert.True(Set(Fields).Contains("f:spec", "f:ports", "k:{\"port\":80,\"protocol\":\"TCP\"}"));
        Assert.False(Set(Fields).Contains("f:spec", "f:nope"));
    }

    [Theory]
    [InlineData("""{"f:a":{},"f:b":{"f:c":{}}}""", """{"f:b":{".":{},"f:d":{}}}""", """{"f:a":{},"f:b":{".":{},"f:c":{},"f:d":{}}}""")]
    [InlineData("{}", """{"f:a":{}}""", """{"f:a":{}}""")]
    public void Union_TwoSets_HasBoth(string one, string two, string expected) => Assert.Equal(expected, Json(Set(one).Union(Set(two))));

    [Theory]
    [InlineData("""{"f:a":{},"f:b":{".":{},"f:c":{}}}""", """{"f:b":{".":{}}}""", """{"f:a":{},"f:b":{"f:c":{}}}""")]
    [InlineData("""{"f:b":{".":{},"f:c":{}}}""", """{"f:b":{"f:c":{}}}""", """{"f:b":{}}""")]
    [InlineData("""{"f:a":{}}""", """{"f:a":{}}""", "{}")]
    public void Except_TwoSets_HasTheRest(string one, string two, string expected) => Assert.Equal(expected, Json(Set(one).Except(Set(two))));

    [Theory]
    [InlineData("""{"f:a":{"f:x":{}},"f:b":{}}""", """{"f:a":{}}""", """{"f:a":{"f:x":{}}}""")]
    [InlineData("""{"f:a":{},"f:b":{}}""", """{"f:a":{},"f:c":{}}""", """{"f:a":{}}""")]
    [InlineData("""{"f:a":{}}""", """{"f:a":{"f:x":{}}}""", "{}")]
    public void Under_Paths_HasWhatIsAtOrBelowThem(string one, string two, string expected) => Assert.Equal(expected, Json(Set(one).Under(Set(two))));

    [Theory]
    [InlineData("a field that the other lacks", """{"f:a":{},"f:b":{}}""", """{"f:a":{}}""", """{"f:b":{}}""")]
    [InlineData("a map that only one lists", """{"f:a":{".":{},"f:x":{}}}""", """{"f:a":{"f:x":{}}}""", "{}")]
    [InlineData("a map that the other has other fields of", """{"f:a":{".":{},"f:x":{}}}""", """{"f:a":{"f:y":{}}}""", """{"f:a":{"f:x":{}}}""")]
    [InlineData("an empty map that the other has fields of", """{"f:a":{}}""", """{"f:a":{"f:x":{}}}""", "{}")]
    [InlineData("a field of what the other has as a whole", """{"f:a":{"f:x":{}}}""", """{"f:a":{}}""", "{}")]
    [InlineData("an item that the other lacks", """{"f:a":{"k:{\"n\":1}":{".":{},"f:n":{}}}}""", """{"f:a":{"k:{\"n\":2}":{".":{},"f:n":{}}}}""", """{"f:a":{"k:{\"n\":1}":{".":{},"f:n":{}}}}""")]
    [InlineData("an item that both have", """{"f:a":{"k:{\"n\":1}":{".":{},"f:n":{},"f:x":{}}}}""", """{"f:a":{"k:{\"n\":1}":{"f:n":{}}}}""", """{"f:a":{"k:{\"n\":1}":{"f:x":{}}}}""")]
    [InlineData("everything", """{"f:a":{".":{},"f:x":{}}}""", "{}", """{"f:a":{"f:x":{}}}""")]
    public void FieldsBeyond_AnotherSet_HasFieldsOnly(string what, string one, string two, string expected) =>
        Assert.Equal((what, expected), (what, Json(Set(one).FieldsBeyond(Set(two)))));

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Parse_Nothing_IsEmpty(string json) => Assert.True(Set(json).IsEmpty);

    private static FieldSet Set(string json) => FieldSet.Parse(Live.Json(json));

    private static string Json(FieldSet set)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) set.Write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
