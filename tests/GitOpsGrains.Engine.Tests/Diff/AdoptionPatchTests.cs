using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class AdoptionPatchTests
{
    private const string OwnFields = """{"f:data":{"f:a":{}},"f:metadata":{"f:labels":{"f:team":{}}}}""";

    [Fact]
    public void Plan_NobodyBeforeUs_IsNull() => Assert.Null(Plan("operator", "Update", """{"f:data":{"f:x":{}}}"""));

    [Fact]
    public void Plan_SameFieldsOfATool_LeavesOurEntryAlone()
    {
        var patch = Plan("argocd-controller", "Apply", OwnFields)!;

        Assert.Equal("9", Operation(patch, "/metadata/resourceVersion").GetProperty("value").GetString());
        var entry = Assert.Single(Operation(patch, "/metadata/managedFields").GetProperty("value").EnumerateArray());
        Assert.Equal(("gitopsgrains", "Apply", OwnFields), (entry.GetProperty("manager").GetString(), entry.GetProperty("operation").GetString(), entry.GetProperty("fieldsV1").GetRawText()));
        Assert.Equal(["add /metadata/labels/gitopsgrains.io~1managed", "add /metadata/managedFields", "replace /metadata/resourceVersion"], Operations(patch));
    }

    [Theory]
    [InlineData("a key that Git lacks", """{"f:data":{"f:a":{},"f:x":{}}}""", "remove /data/x")]
    [InlineData("a map that only the tool has", """{"f:more":{".":{},"f:p":{}}}""", "remove /more")]
    [InlineData("the same, as an apply lists it", """{"f:more":{"f:p":{}}}""", "remove /more")]
    [InlineData("an item of a keyed list", """{"f:list":{"k:{\"name\":\"one\"}":{".":{},"f:name":{}}}}""", "replace /list")]
    [InlineData("an item of a set", """{"f:set":{"v:\"s1\"":{}}}""", "replace /set")]
    [InlineData("a label", """{"f:metadata":{"f:labels":{".":{},"f:team":{},"f:extra":{}}}}""", "remove /metadata/labels/extra")]
    [InlineData("a finalizer", """{"f:metadata":{"f:finalizers":{".":{},"v:\"example.com/f\"":{}}}}""", "remove /metadata/finalizers")]
    [InlineData("a path that cannot be read", """{"f:list":{"k:{":{}},"f:none":{"f:x":{}}}""", null)]
    [InlineData("how many there are", """{"f:spec":{"f:replicas":{}}}""", null)]
    [InlineData("what the server derives", """{"f:status":{"f:phase":{}}}""", null)]
    public void Plan_FieldsThatGitLacks_GoWithTheSamePatch(string what, string fields, string? expected)
    {
        var operations = Operations(Plan("kubectl-client-side-apply", "Update", fields)!)
            .Except(["add /metadata/labels/gitopsgrains.io~1managed", "add /metadata/managedFields", "replace /metadata/resourceVersion"]);

        Assert.Equal((what, expected), (what, operations.SingleOrDefault()));
    }

    [Theory]
    [InlineData("f:data", "f:x", "/data/x")]
    [InlineData("f:more", "f:p", "/more")]
    public void Plan_FieldThatAnotherOwnsToo_Stays(string parent, string name, string path)
    {
        var fields = $$$"""{"{{{parent}}}":{".":{},"{{{name}}}":{} } } """;
        var entry = $$$"""{"manager":"operator","operation":"Update","apiVersion":"v1","fieldsV1":{"{{{parent}}}":{"{{{name}}}":{} } } } """;

        var patch = Plan("argocd-controller", "Apply", fields, entry)!;

        Assert.DoesNotContain("remove " + path, Operations(patch));
        Assert.Equal(["operator", "gitopsgrains"], Operation(patch, "/metadata/managedFields").GetProperty("value").EnumerateArray().Select(item => item.GetProperty("manager").GetString()));
        Assert.Equal([$".{parent[2..]}.{name[2..]}"], patch.Dropped.LeafPaths());
    }

    [Theory]
    [InlineData("argocd-controller", "annotations", "argocd.argoproj.io/tracking-id")]
    [InlineData("unknown", "annotations", "argocd.argoproj.io/tracking-id")]
    [InlineData("unknown", "annotations", "meta.helm.sh/release-name")]
    [InlineData("unknown", "annotations", "kubectl.kubernetes.io/last-applied-configuration")]
    [InlineData("unknown", "labels", "kustomize.toolkit.fluxcd.io/name")]
    public void Plan_MarkOfATool_GoesWhoeverOwnsIt(string manager, string map, string mark)
    {
        var patch = Plan(manager, "Update", $$$"""{"f:metadata":{"f:{{{map}}}":{"f:{{{mark}}}":{} } } } """, change: live => Set(live["metadata"]!.AsObject(), map, mark))!;

        Assert.Contains(Operations(patch), operation => operation == $"remove /metadata/{map}" || operation == $"remove /metadata/{map}/{mark.Replace("/", "~1", StringComparison.Ordinal)}");
    }

    [Fact]
    public void Plan_MarkThatGitHasToo_Stays()
    {
        const string Mark = "argocd.argoproj.io/tracking-id";
        var own = $$$"""{"f:metadata":{"f:annotations":{"f:{{{Mark}}}":{} } } } """;

        var patch = Plan("argocd-controller", "Apply", own, own: own, change: live => Set(live["metadata"]!.AsObject(), "annotations", Mark))!;

        Assert.DoesNotContain(Operations(patch), operation => operation.Contains("annotations", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_EntryOfAnotherVersion_LosesItsMetadataOnly()
    {
        var patch = Plan("kubectl", "Update", """{"f:data":{"f:x":{}},"f:metadata":{"f:labels":{"f:extra":{}}}}""", version: "v1beta1")!;

        Assert.Equal(["add /metadata/labels/gitopsgrains.io~1managed", "add /metadata/managedFields", "remove /metadata/labels/extra", "replace /metadata/resourceVersion"], Operations(patch));
    }

    [Fact]
    public void Plan_MoreOperationsThanServersTake_ReplacesTheSection()
    {
        var patch = Plan("kubectl", "Update", "{\"f:data\":{" + string.Join(",", Enumerable.Range(0, 1001).Select(i => $"\"f:k{i}\":{{}}")) + "}}", change: live =>
        {
            for (var i = 0; i < 1001; i++) live["data"]![$"k{i}"] = "v";
        })!;

        Assert.Equal("""{"a":"1","x":"2"}""", Operation(patch, "/data").GetProperty("value").GetRawText());
        Assert.Equal(4, Operations(patch).Count);
    }

    [Fact]
    public void HasRivals_OurUpdateOfMarksOnly_IsNone()
    {
        const string Marks = """{"f:metadata":{"f:annotations":{".":{},"f:gitopsgrains.io/digest":{},"f:gitopsgrains.io/target":{}},"f:labels":{"f:gitopsgrains.io/managed":{}}}}""";

        Assert.False(ObservedObject.From(Object("gitopsgrains", "Update", Marks), full: true, health: null).HasRivals);
        Assert.True(ObservedObject.From(Object("gitopsgrains", "Update", """{"f:data":{"f:x":{}}}"""), full: true, health: null).HasRivals);
    }

    [Fact]
    public void Of_FieldsOfOurUpdate_AreNotForeign() =>
        Assert.Empty(ForeignFields.Of(Object("gitopsgrains", "Update", """{"f:metadata":{"f:labels":{"f:gitopsgrains.io/managed":{}}}}""")));

    private static void Set(JsonObject metadata, string map, string mark)
    {
        if (metadata[map] is null) metadata[map] = new JsonObject();
        metadata[map]![mark] = "x";
    }

    /// <summary>The live object has what the tool made; the dry run adds our label and our entry.</summary>
    private static AdoptionWrite? Plan(
        string manager, string operation, string fields, string more = "", string version = "v1", string own = OwnFields, Action<JsonNode>? change = null)
    {
        var live = Json(manager, operation, fields, more, version, own: null);
        var applied = Json(manager, operation, fields, more, version, own);
        applied["metadata"]!["labels"]!["gitopsgrains.io/managed"] = "true";
        change?.Invoke(live);
        change?.Invoke(applied);
        return AdoptionPatch.Plan(Live.Of(live.ToJsonString()), Live.Of(applied.ToJsonString()));
    }

    private static LiveObject Object(string manager, string operation, string fields) => Live.Of(Json(manager, operation, fields, "", "v1", OwnFields).ToJsonString());

    private static JsonNode Json(string manager, string operation, string fields, string more, string version, string? own)
    {
        var json = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"9","labels":{"team":"web","extra":"x"},"finalizers":["example.com/f"]},
             "data":{"a":"1","x":"2"},"more":{"p":1},"list":[{"name":"one"},{"name":"two"}],"set":["s1","s2"],"spec":{"replicas":3},"status":{"phase":"Active"}}
            """)!;
        var entries = new JsonArray(JsonNode.Parse($$$"""{"manager":"{{{manager}}}","operation":"{{{operation}}}","apiVersion":"{{{version}}}","time":"t0","fieldsV1":{{{fields}}}}"""));
        if (more.Length > 0) entries.Add(JsonNode.Parse(more));
        if (own is not null) entries.Add(JsonNode.Parse($$$"""{"manager":"gitopsgrains","operation":"Apply","apiVersion":"v1","time":"t1","fieldsV1":{{{own}}}}"""));
        json["metadata"]!["managedFields"] = entries;
        return json;
    }

    private static JsonElement Operation(AdoptionWrite write, string path) =>
        JsonElement.Parse(write.Patch.Span).EnumerateArray().Single(operation => operation.GetProperty("path").GetString() == path);

    private static List<string> Operations(AdoptionWrite write) =>
        [.. JsonElement.Parse(write.Patch.Span).EnumerateArray().Select(operation => $"{operation.GetProperty("op").GetString()} {operation.GetProperty("path").GetString()}").Order(StringComparer.Ordinal)];
}
