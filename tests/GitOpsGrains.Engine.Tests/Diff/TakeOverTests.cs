using System.Text.Json;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class TakeOverTests
{
    [Theory]
    [InlineData("kubectl-client-side-apply")]
    [InlineData("kubectl")]
    [InlineData("before-first-apply")]
    [InlineData("argocd-controller")]
    [InlineData("kustomize-controller")]
    [InlineData("helm")]
    [InlineData("Helm")]
    [InlineData("fleetagent")]
    [InlineData("gitopsgrains")]
    public void Plan_EntryOfPredecessor_IsMergedIntoOurs(string manager)
    {
        var patch = Patch(TakeOver.Plan(Object("""{"f:data":{"f:a":{}}}""", manager, """{"f:data":{"f:b":{}}}""")));

        Assert.Equal(["replace /metadata/managedFields", "replace /metadata/resourceVersion"], Operations(patch));
        Assert.Equal("9", patch[1].GetProperty("value").GetString());
        var entry = Assert.Single(patch[0].GetProperty("value").EnumerateArray().ToArray());
        Assert.Equal(
            """{"manager":"gitopsgrains","operation":"Apply","apiVersion":"v1","time":"t1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:a":{},"f:b":{}}}}""",
            entry.GetRawText());
    }

    [Fact]
    public void Plan_NoEntryOfOurs_MakesOneAndKeepsTheOthers()
    {
        var patch = Patch(TakeOver.Plan(Live.Of("""
            {"metadata":{"name":"a","resourceVersion":"9","managedFields":[
              {"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"apps/v1","time":"t2","fieldsV1":{"f:spec":{"f:b":{}}}},
              {"manager":"kubectl-edit","operation":"Update","apiVersion":"apps/v1beta1","time":"t1","fieldsV1":{"f:old":{}}},
              {"manager":"kubectl","operation":"Update","subresource":"scale","apiVersion":"apps/v1","time":"t3","fieldsV1":{"f:spec":{"f:replicas":{}}}},
              {"manager":"hpa","operation":"Update","apiVersion":"apps/v1","time":"t3","fieldsV1":{"f:x":{}}}]}}
            """)));

        Assert.Equal(
            ["kubectl scale", "hpa ", "gitopsgrains "],
            patch[0].GetProperty("value").EnumerateArray().Select(entry => entry.GetProperty("manager").GetString() + " " + entry.Field("subresource").Text()));
        var own = patch[0].GetProperty("value")[2];
        Assert.Equal("apps/v1", own.GetProperty("apiVersion").GetString());
        Assert.Equal("""{"f:spec":{"f:b":{}}}""", own.GetProperty("fieldsV1").GetRawText());
    }

    [Theory]
    [InlineData("argocd.argoproj.io/sync-options", "Prune=false", true)]
    [InlineData("argocd.argoproj.io/sync-options", "Replace=true,Delete=confirm", true)]
    [InlineData("helm.sh/resource-policy", "keep", true)]
    [InlineData("kustomize.toolkit.fluxcd.io/prune", "disabled", true)]
    [InlineData("kustomize.toolkit.fluxcd.io/prune", "enabled", false)]
    [InlineData("argocd.argoproj.io/sync-options", "Replace=true", false)]
    public void Plan_AnnotationThatKeepsTheObject_StaysNobodysAndIsNotDropped(string name, string value, bool stays)
    {
        var live = Live.Of($$$"""
            {"metadata":{"name":"a","resourceVersion":"9","annotations":{"{{{name}}}":"{{{value}}}"},"managedFields":[
              {"manager":"kubectl-annotate","operation":"Update","apiVersion":"v1","time":"t1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:{{{name}}}":{} } },"f:data":{"f:a":{} } } }] } }
            """);

        var own = Patch(TakeOver.Plan(live))[0].GetProperty("value")[0].GetProperty("fieldsV1").GetRawText();

        Assert.Equal(!stays, own.Contains(name, StringComparison.Ordinal));
        Assert.Contains("f:a", own, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_OfScaleAndRestart_LeavesBothToNobody()
    {
        var patch = Patch(TakeOver.Plan(Object("""{"f:spec":{"f:a":{}}}""", "kubectl-rollout",
            """{"f:spec":{"f:replicas":{},"f:b":{},"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}}}}}""")));

        // What we do not own, our next apply does not drop: no pod is restarted, and none is scaled away.
        Assert.Equal("""{"f:spec":{"f:a":{},"f:b":{}}}""", Assert.Single(patch[0].GetProperty("value").EnumerateArray().ToArray()).GetProperty("fieldsV1").GetRawText());
    }

    [Fact]
    public void Plan_OnlyOthers_IsNullUnlessTheyAreNamed()
    {
        var live = Object("""{"f:data":{"f:a":{}}}""", "operator", """{"f:data":{"f:b":{}}}""");

        Assert.Null(TakeOver.Plan(live));
        Assert.NotNull(TakeOver.Plan(live, new HashSet<string> { "operator" }));
    }

    [Fact]
    public void Of_ForeignFields_NamesManagersAndPaths()
    {
        Assert.Equal(
            [new ForeignField(".data.c", "kubectl-edit", "Update", "2026-01-01T00:00:02Z"), new ForeignField(".metadata.annotations.other", "kubectl-edit", "Update", "2026-01-01T00:00:02Z")],
            ForeignFields.Of(Live.Of(Live.ConfigMap)));
        Assert.Empty(ForeignFields.Of(Live.Of(Live.Deployment, "apps/v1", "Deployment")));
    }

    [Fact]
    public void KeptByOthers_DroppedPathThatAnotherOwns_IsTold()
    {
        var dropped = FieldSet.Parse(Live.Json("""{"f:data":{"f:c":{},"f:gone":{}}}"""));

        var kept = Assert.Single(ForeignFields.KeptByOthers(Live.Of(Live.ConfigMap), dropped));

        Assert.Equal((".data.c", "kubectl-edit"), (kept.Path, kept.Manager));
    }

    [Theory]
    [InlineData("the map around foreign keys", """{"f:data":{".":{},"f:a":{}}}""", """{"f:data":{"f:a":{}}}""")]
    [InlineData("keys of ours alone", """{"f:data":{".":{},"f:a":{},"f:b":{}}}""", """{"f:data":{"f:b":{}}}""")]
    public void KeptByOthers_OnlyTheMapAroundTheirFields_IsNotKept(string what, string before, string after)
    {
        var dropped = FieldSet.Parse(Live.Json(before)).FieldsBeyond(FieldSet.Parse(Live.Json(after)));

        Assert.True(ForeignFields.KeptByOthers(Live.Of(Live.ConfigMap), dropped).Count == 0, what);
    }

    [Fact]
    public void StillOf_PathsThatWereKept_AreThoseThatOthersStillHave()
    {
        var live = Object("{}", "operator", """{"f:data":{"f:a":{},"f:a.b":{}},"f:list":{"k:{\"name\":\"x\"}":{"f:size":{}}}}""");

        Assert.Equal([".data.a", ".list[name=x].size"], ForeignFields.StillOf(live, [".data.a", ".data.gone", ".list[name=x]"]).Select(field => field.Path));
        Assert.Empty(ForeignFields.StillOf(live, [".data"]));
    }

    private static LiveObject Object(string own, string manager, string fields) => Live.Of($$$"""
        {"metadata":{"name":"a","resourceVersion":"9","managedFields":[
          {"manager":"gitopsgrains","operation":"Apply","apiVersion":"v1","time":"t1","fieldsV1":{{{own}}}},
          {"manager":"{{{manager}}}","operation":"Update","apiVersion":"v1","time":"t0","fieldsV1":{{{fields}}}}]}}
        """);

    private static JsonElement Patch(ReadOnlyMemory<byte>? patch) => JsonDocument.Parse(patch!.Value).RootElement;

    private static IEnumerable<string> Operations(JsonElement patch) =>
        patch.EnumerateArray().Select(operation => operation.GetProperty("op").GetString() + " " + operation.GetProperty("path").GetString());
}
