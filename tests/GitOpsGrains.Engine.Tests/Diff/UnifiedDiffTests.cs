using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class UnifiedDiffTests
{
    private static readonly ResourceId Id = new("", "ConfigMap", "web", "settings");

    [Fact]
    public void Update_ShowsThreeLinesAroundEachChange()
    {
        var live = Live.Of("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"web","uid":"u","resourceVersion":"1"},"data":{"a":"1","b":"2","c":"3","d":"4","e":"5","f":"6","g":"7","h":"8","i":"9","j":"10"}}""");
        var wanted = Live.Json("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"web"},"data":{"a":"1","b":"two","c":"3","d":"4","e":"5","f":"6","g":"7","h":"8","i":"9","k":"new"}}""");

        var text = UnifiedDiff.OfUpdate(wanted, live, null, ValueMask.For(Id));

        Assert.False(text.IsCut);
        Assert.Equal(
            """
            --- live: ConfigMap web/settings
            +++ wanted: ConfigMap web/settings
            @@ -1,7 +1,7 @@
             apiVersion: v1
             data:
               a: "1"
            -  b: "2"
            +  b: two
               c: "3"
               d: "4"
               e: "5"
            @@ -9,7 +9,7 @@
               g: "7"
               h: "8"
               i: "9"
            -  j: "10"
            +  k: new
             kind: ConfigMap
             metadata:
               name: settings

            """, text.Text);
    }

    [Fact]
    public void CreateAndDelete_AreAllPlusAndAllMinus()
    {
        const string json = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"web","uid":"u"},"data":{"a":"1"}}""";

        Assert.Equal(
            "--- absent: ConfigMap web/settings\n+++ wanted: ConfigMap web/settings\n@@ -0,0 +1,6 @@\n+apiVersion: v1\n+data:\n+  a: \"1\"\n+kind: ConfigMap\n+metadata:\n+  name: settings\n+  namespace: web\n"
                .Replace("+1,6", "+1,7", StringComparison.Ordinal),
            UnifiedDiff.OfCreate(Id, Live.Json(json), ValueMask.For(Id)).Text);
        Assert.Equal(
            "--- live: ConfigMap web/settings\n+++ absent: ConfigMap web/settings\n@@ -1,7 +0,0 @@\n-apiVersion: v1\n-data:\n-  a: \"1\"\n-kind: ConfigMap\n-metadata:\n-  name: settings\n-  namespace: web\n",
            UnifiedDiff.OfDelete(Live.Of(json), ValueMask.For(Id)).Text);
    }

    [Fact]
    public void Update_OfWhatIsIgnoredOnly_IsEmpty()
    {
        var live = Live.Of("""{"metadata":{"name":"a"},"data":{"a":"1"}}""");
        var rules = IgnoreRules.Of([new Documents.IgnoreDifference { JsonPointers = ["/data/a"] }]).For(live.Id);

        Assert.Equal("", UnifiedDiff.OfUpdate(Live.Json("""{"metadata":{"name":"a"},"data":{"a":"2"}}"""), live, rules, ValueMask.For(live.Id)).Text);
    }

    [Fact]
    public void Update_OfASecret_TellsChangedFromEqualAndNothingElse()
    {
        var live = Live.Of(
            """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"a\":\"b2xk\"}}"}},"data":{"a":"b2xk","gone":"Z29uZQ==","same":"c2FtZQ=="}}""", "v1", "Secret");
        var wanted = Live.Json("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"bmV3","same":"c2FtZQ==","new":"bmV3"}}""");

        var text = UnifiedDiff.OfUpdate(wanted, live, null, ValueMask.For(live.Id)).Text;

        Assert.Equal(
            "--- live: Secret s\n+++ wanted: Secret s\n@@ -1,7 +1,7 @@\n apiVersion: v1\n data:\n-  a: \"***\"\n-  gone: \"***\"\n+  a: \"*** (changed)\"\n+  new: \"***\"\n   same: \"***\"\n kind: Secret\n metadata:\n",
            text.Replace('\'', '"'));
    }

    [Fact]
    public void MaskedAnnotations_AreHiddenWhereverTheyStand()
    {
        var live = Live.Of("""{"metadata":{"name":"a","annotations":{"example.com/token":"hush","b":"1"}}}""");
        var mask = ValueMask.For(live.Id, ["example.com/token"]);
        var wanted = Live.Json("""{"metadata":{"name":"a","annotations":{"example.com/token":"quiet","b":"1"}}}""");

        Assert.Equal([new FieldDifference("/metadata/annotations/example.com~1token", "***", "*** (changed)")], ObjectDiff.Compute(wanted, live, DiffScope.AllFields, null, mask));
        Assert.Equal(
            [new FieldDifference("/metadata/annotations", """{"b":"1","example.com/token":"***"}""", null)],
            ObjectDiff.Compute(Live.Json("""{"metadata":{"name":"a"}}"""), live, DiffScope.AllFields, null, mask));
        Assert.DoesNotContain("hush", UnifiedDiff.OfDelete(live, mask).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void HugeObjects_AreCut()
    {
        var data = string.Join(',', Enumerable.Range(0, 20_000).Select(index => $"\"k{index}\":\"{index}\""));
        var text = UnifiedDiff.OfCreate(Id, Live.Json("{\"metadata\":{\"name\":\"a\"},\"data\":{" + data + "}}"), ValueMask.For(Id));

        Assert.True(text.IsCut);
        Assert.InRange(text.Text.Length, 1000, UnifiedDiff.MaxText + 200);
        var line = UnifiedDiff.OfCreate(Id, Live.Json("{\"metadata\":{\"name\":\"a\"},\"data\":{\"a\":\"" + new string('x', 200_000) + "\"}}"), ValueMask.For(Id));
        Assert.True(line.IsCut);
        Assert.InRange(line.Text.Length, 1, UnifiedDiff.MaxText);
    }
}
