using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class LeftoversTests
{
    private const string Own = """{"f:data":{"f:a":{}}}""";

    [Theory]
    [InlineData("the same fields", "kubectl", Own, "{}")]
    [InlineData("a field more", "kubectl-client-side-apply", """{"f:data":{".":{},"f:a":{},"f:b":{}}}""", """[".data.b"]""")]
    [InlineData("kubectl's copy", "kubectl-client-side-apply", """{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}}}}""", "{}")]
    [InlineData("the mark of a tool", "argocd-controller", """{"f:metadata":{"f:annotations":{"f:argocd.argoproj.io/tracking-id":{}}}}""", """[".metadata.annotations.argocd.argoproj.io/tracking-id"]""")]
    [InlineData("our own update", "gitopsgrains", """{"f:data":{"f:b":{}}}""", """[".data.b"]""")]
    [InlineData("somebody who is no predecessor", "operator", """{"f:data":{"f:b":{}}}""", "{}")]
    public void Of_EntriesBesideOurs_IsWhatTheyAloneOwn(string what, string manager, string fields, string expected)
    {
        var rest = Leftovers.Of(Applied(manager, fields))!;

        Assert.Equal((what, expected), (what, rest.IsEmpty ? "{}" : $"[{string.Join(", ", rest.LeafPaths().Select(path => $"\"{path}\""))}]"));
    }

    [Fact]
    public void Of_SubresourceOfAPredecessor_IsNothing() =>
        Assert.True(Leftovers.Of(Applied("kubectl", """{"f:status":{"f:x":{}}}""", "\"subresource\":\"status\","))!.IsEmpty);

    [Fact]
    public void Of_EntryOfAnotherVersion_CannotBeTold() => Assert.Null(Leftovers.Of(Applied("kubectl", Own, version: "v1beta1")));

    [Theory]
    [InlineData("a value", """{"f:a":{}}""", """ "a":1 """, """ "a":1 """, true)]
    [InlineData("another value", """{"f:a":{}}""", """ "a":1 """, """ "a":2 """, false)]
    [InlineData("absent in both", """{"f:a":{}}""", "", "", true)]
    [InlineData("null is absent", """{"f:a":{}}""", """ "a":null """, "", true)]
    [InlineData("absent in a new one", """{"f:a":{}}""", """ "a":1 """, "", false)]
    [InlineData("absent in the live one", """{"f:a":{}}""", "", """ "a":1 """, false)]
    [InlineData("a whole list", """{"f:a":{}}""", """ "a":[1,2] """, """ "a":[2,1] """, false)]
    [InlineData("a whole map in another order", """{"f:a":{}}""", """ "a":{"x":1,"y":2} """, """ "a":{"y":2,"x":1} """, true)]
    [InlineData("a field below a map", """{"f:a":{".":{},"f:x":{}}}""", """ "a":{"x":1,"y":1} """, """ "a":{"x":1,"y":2} """, true)]
    [InlineData("an item by its key, in another order", """{"f:a":{"k:{\"n\":1}":{"f:x":{}}}}""", """ "a":[{"n":1,"x":1},{"n":2}] """, """ "a":[{"n":2},{"n":1,"x":1}] """, true)]
    [InlineData("an item with another value", """{"f:a":{"k:{\"n\":1}":{"f:x":{}}}}""", """ "a":[{"n":1,"x":1}] """, """ "a":[{"n":1,"x":2}] """, false)]
    [InlineData("an item that a new one lacks", """{"f:a":{"k:{\"n\":1}":{".":{},"f:n":{}}}}""", """ "a":[{"n":1}] """, """ "a":[{"n":2}] """, false)]
    [InlineData("an item with nothing named in it", """{"f:a":{"k:{\"n\":1}":{}}}""", """ "a":[{"n":1}] """, """ "a":[{"n":1,"x":1}] """, false)]
    [InlineData("an item of a set", """{"f:a":{"v:\"x\"":{}}}""", """ "a":["x"] """, """ "a":["y","x"] """, true)]
    [InlineData("an item that a set lacks", """{"f:a":{"v:\"x\"":{}}}""", """ "a":["x"] """, """ "a":["y"] """, false)]
    [InlineData("an index", """{"f:a":{"i:1":{}}}""", """ "a":[1,2] """, """ "a":[3,2] """, true)]
    [InlineData("an element that nobody can read", """{"f:a":{"k:{":{}}}""", """ "a":[] """, """ "a":[] """, false)]
    [InlineData("an element of a kind that nobody knows", """{"f:a":{"z:1":{}}}""", """ "a":[] """, """ "a":[] """, false)]
    [InlineData("a value that holds the name", """{"f:a":{}}""", """ "a":"settings.web" """, """ "a":"new-1.web" """, true)]
    public void AreDefaults_ValuesOfTheFields_AreCompared(string what, string fields, string live, string made, bool expected) =>
        Assert.Equal((what, expected), (what, Leftovers.AreDefaults(FieldSet.Parse(Live.Json(fields)), Named("settings", live), Named("new-1", made))));

    private static LiveObject Named(string name, string fields) =>
        Live.Of($$"""{"metadata":{"name":"{{name}}"}{{(fields.Length > 0 ? "," : "")}}{{fields}} }""");

    private static LiveObject Applied(string manager, string fields, string more = "", string version = "v1") => Live.Of($$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"9","managedFields":[
          {"manager":"gitopsgrains","operation":"Apply","apiVersion":"v1","time":"t1","fieldsV1":{{{Own}}}},
          {"manager":"{{{manager}}}","operation":"Update","apiVersion":"{{{version}}}",{{{more}}}"time":"t0","fieldsV1":{{{fields}}}}]}}
        """);
}
