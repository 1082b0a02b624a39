using System.Text;
using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

/// <summary>What is put in the place of a live object, and what counts as drift of one that is.</summary>
public sealed class ReplaceTests
{
    private static readonly ApplyPolicy Replace = new(ApplyStrategy.Replace);

    [Theory]
    [InlineData("a Service keeps its addresses", "", "Service", """ "spec":{"ports":[{"port":80}]} """, """ "spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"sessionAffinity":"None","ports":[{"port":80,"nodePort":30001}]} """,
        """{"spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ports":[{"port":80}]}}""")]
    [InlineData("and the ports of nodes", "", "Service", """ "spec":{"type":"NodePort","ports":[{"port":80},{"port":81}]} """, """ "spec":{"type":"NodePort","clusterIP":"10.0.0.1","ports":[{"port":80,"protocol":"TCP","nodePort":30001}]} """,
        """{"spec":{"clusterIP":"10.0.0.1","ports":[{"nodePort":30001,"port":80},{"port":81}],"type":"NodePort"}}""")]
    [InlineData("but not as a name", "", "Service", """ "spec":{"type":"ExternalName","externalName":"a.example.com"} """, """ "spec":{"clusterIP":"10.0.0.1"} """,
        """{"spec":{"externalName":"a.example.com","type":"ExternalName"}}""")]
    [InlineData("what Git says stands", "", "Service", """ "spec":{"clusterIP":"None"} """, """ "spec":{"clusterIP":"10.0.0.1"} """, """{"spec":{"clusterIP":"None"}}""")]
    [InlineData("a claim keeps its volume", "", "PersistentVolumeClaim", """ "spec":{"accessModes":["ReadWriteOnce"]} """, """ "spec":{"volumeName":"pv-1","storageClassName":"fast","volumeMode":"Filesystem"} """,
        """{"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"fast","volumeMode":"Filesystem","volumeName":"pv-1"}}""")]
    [InlineData("a Job keeps what finds its pods", "batch", "Job", """ "spec":{"template":{"metadata":{"labels":{"app":"j"}}}} """,
        """ "spec":{"selector":{"matchLabels":{"controller-uid":"u"}},"template":{"metadata":{"labels":{"app":"old","job-name":"j","controller-uid":"u"}}}} """,
        """{"spec":{"selector":{"matchLabels":{"controller-uid":"u"}},"template":{"metadata":{"labels":{"app":"j","controller-uid":"u","job-name":"j"}}}}}""")]
    [InlineData("a ServiceAccount keeps its tokens", "", "ServiceAccount", "", """ "secrets":[{"name":"t"}] """, """{"secrets":[{"name":"t"}]}""")]
    [InlineData("status is not ours", "example.com", "Widget", """ "spec":{"a":1} """, """ "spec":{"a":2,"b":3},"status":{"ready":true} """, """{"spec":{"a":1},"status":{"ready":true}}""")]
    public void Of_WhatOnlyTheServerSets_IsKept(string what, string group, string kind, string wanted, string live, string expected)
    {
        var body = JsonElement.Parse(ReplaceBody.Of(Desired(group, kind, wanted), LiveOf(group, kind, live)).Span);

        Assert.Equal((what, expected), (what, Rest(body)));
    }

    [Fact]
    public void Of_Metadata_KeepsWhatOthersPutThere()
    {
        var live = Live.Of("""
            {"metadata":{"name":"a","uid":"u-1","resourceVersion":"7","labels":{"ours":"1","theirs":"x"},"annotations":{"kubectl":"k","controller":"c"},
              "finalizers":["example.com/hold"],"ownerReferences":[{"uid":"o-1"}],"managedFields":[
               {"manager":"gitopsgrains","operation":"Update","apiVersion":"v1","fieldsV1":{"f:metadata":{"f:labels":{"f:ours":{}}}}},
               {"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"v1","fieldsV1":{"f:metadata":{"f:annotations":{"f:kubectl":{}}}}},
               {"manager":"controller","operation":"Update","apiVersion":"v1","fieldsV1":{"f:metadata":{"f:annotations":{"f:controller":{}},"f:labels":{"f:theirs":{}}}}}]}}
            """);
        var desired = new DesiredObject(live.Id, "v1", Encoding.UTF8.GetBytes("""{"metadata":{"name":"a","labels":{"new":"2"},"finalizers":["example.com/ours"]}}"""), default, default, new Dictionary<string, string>());

        Assert.Equal(
            """{"metadata":{"annotations":{"controller":"c"},"finalizers":["example.com/ours","example.com/hold"],"labels":{"new":"2","theirs":"x"},"name":"a","ownerReferences":[{"uid":"o-1"}],"resourceVersion":"7","uid":"u-1"}}""",
            Encoding.UTF8.GetString(ReplaceBody.Of(desired, live).Span));
    }

    [Theory]
    [InlineData("the same", """ "spec":{"a":"1"} """, """ "spec":{"a":"1","b":"set"} """, """ "spec":{"a":"1"} """, "")]
    [InlineData("another value", """ "spec":{"a":"1"} """, """ "spec":{"a":"2"} """, """ "spec":{"a":"1"} """, "/spec/a")]
    [InlineData("a value in the server's form", """ "spec":{"a":"1000m"} """, """ "spec":{"a":"1"} """, """ "spec":{"a":"1"} """, "")]
    [InlineData("an item more", """ "spec":{"l":["x"]} """, """ "spec":{"l":["x","y"]} """, """ "spec":{"l":["x"]} """, "/spec/l")]
    [InlineData("an item that admission adds to both", """ "spec":{"l":["x"]} """, """ "spec":{"l":["x","y"]} """, """ "spec":{"l":["x","y"]} """, "")]
    public void Differences_OfAReplacedObject_AreOfWhatTheManifestNames(string what, string wanted, string live, string dryRun, string expected)
    {
        var differences = DriftBasis.Differences(Desired("example.com", "Widget", wanted), LiveOf("example.com", "Widget", dryRun).Root, LiveOf("example.com", "Widget", live), Replace);

        Assert.Equal((what, expected), (what, string.Join(",", differences.Select(difference => difference.Path))));
    }

    [Theory]
    [InlineData(ApplyStrategy.Apply, 2)]
    [InlineData(ApplyStrategy.Merge, 2)]
    [InlineData(ApplyStrategy.Replace, 1)]
    [InlineData(ApplyStrategy.IfNotPresent, 0)]
    [InlineData(ApplyStrategy.Ignore, 0)]
    public void Differences_ByStrategy_AreThoseThatItsWriteWouldUndo(ApplyStrategy strategy, int count)
    {
        var live = LiveOf("", "ConfigMap", """ "data":{"a":"2","foreign":"x"} """);
        var dryRun = LiveOf("", "ConfigMap", """ "data":{"a":"1"} """);

        Assert.Equal(count, DriftBasis.Differences(Desired("", "ConfigMap", """ "data":{"a":"1"} """), dryRun.Root, live, new ApplyPolicy(strategy)).Count);
    }

    private static string Rest(JsonElement body) =>
        $"{{{string.Join(",", body.EnumerateObject().Where(property => property.Name is not ("metadata" or "kind" or "apiVersion")).Select(property => $"\"{property.Name}\":{property.Value.GetRawText()}"))}}}";

    private static DesiredObject Desired(string group, string kind, string fields)
    {
        var live = LiveOf(group, kind, fields);
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        CanonicalJson.Write(live.Root, json);
        return new DesiredObject(live.Id, live.ApiVersion, json.WrittenMemory, default, default, new Dictionary<string, string>());
    }

    private static LiveObject LiveOf(string group, string kind, string fields) =>
        Live.Of($$"""{"metadata":{"name":"a"}{{(fields.Length > 0 ? "," : "")}}{{fields}} }""", group.Length == 0 ? "v1" : $"{group}/v1", kind);
}
