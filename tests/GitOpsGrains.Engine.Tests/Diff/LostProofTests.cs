using System.Text;
using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class LostProofTests
{
    private const string OwnEntry = """
        "uid":"0d1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e","resourceVersion":"7","managedFields":[
          {"manager":"gitopsgrains","operation":"Apply","apiVersion":"v1","time":"2026-01-01T00:00:01Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:a":{}}}}]
        """;

    private static readonly DesiredObject Desired = Make("1");

    [Fact]
    public void CanBeHadFrom_AnObjectAsWeAppliedIt_IsTrue() => Assert.True(LostProof.CanBeHadFrom(Applied(), Desired));

    [Fact]
    public void CanBeHadFrom_AFieldOfAnotherBesideOurs_IsTrue() =>
        Assert.True(LostProof.CanBeHadFrom(Applied("\"a\":\"1\"", "\"a\":\"1\",\"theirs\":\"x\""), Desired));

    [Theory]
    [InlineData("an edit", "\"a\":\"1\"", "\"a\":\"2\"")]
    [InlineData("a field that was removed", "\"a\":\"1\"", "\"b\":\"1\"")]
    [InlineData("our entry is gone", "\"manager\":\"gitopsgrains\"", "\"manager\":\"other\"")]
    [InlineData("our entry is an update", "\"operation\":\"Apply\"", "\"operation\":\"Update\"")]
    [InlineData("the label is gone", "\"gitopsgrains.io/managed\":\"true\"", "\"mine\":\"true\"")]
    public void CanBeHadFrom_AnObjectThatWasChanged_IsFalse(string what, string old, string now) =>
        Assert.False(LostProof.CanBeHadFrom(Applied(old, now), Desired), what);

    /// <summary>A field of somebody else that was taken over, and the apply that removes it never came.</summary>
    [Theory]
    [InlineData("another field", """{"f:data":{"f:a":{},"f:theirs":{}}}""", false)]
    [InlineData("another map", """{"f:data":{"f:a":{}},"f:binaryData":{"f:a":{}}}""", false)]
    [InlineData("a label", """{"f:data":{"f:a":{}},"f:metadata":{"f:labels":{"f:theirs":{}}}}""", false)]
    [InlineData("an element that can't be read", """{"f:data":{"f:a":{}},"x:y":{}}""", false)]
    [InlineData("the map itself and our label", """{"f:data":{".":{},"f:a":{}},"f:metadata":{"f:labels":{"f:gitopsgrains.io/managed":{}}}}""", true)]
    public void CanBeHadFrom_AnEntryOfOursThatHasMore_IsFalse(string what, string fields, bool expected) =>
        Assert.True(expected == LostProof.CanBeHadFrom(Applied("""{"f:data":{"f:a":{}}}""", fields), Desired), what);

    [Theory]
    [InlineData("""k:{"port":80,"protocol":"TCP"}""", true)]
    [InlineData("""k:{"port":80,"protocol":"UDP"}""", false)]
    [InlineData("""k:{"port":81,"protocol":"TCP"}""", false)]
    [InlineData("""k:[]""", false)]
    public void CanBeHadFrom_ItemsWithKeysThatTheServerSets_AreTheManifestsOwn(string item, bool expected)
    {
        const string Ports = "ports: [{port: 443, protocol: TCP}, {port: 80, targetPort: 8080}]";
        var desired = Make($"{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {{{Ports}}}}}", "Service", "services");
        var fields = JsonSerializer.Serialize(Field("f:spec", Field("f:ports", new Dictionary<string, object>
        {
            ["k:{\"port\":443,\"protocol\":\"TCP\"}"] = Leaves(".", "f:port", "f:protocol"),
            [item] = Leaves(".", "f:port", "f:protocol", "f:targetPort"),
        })));

        Assert.Equal(expected, LostProof.CanBeHadFrom(Applied("""{"f:data":{"f:a":{}}}""", fields, desired), desired));
    }

    [Fact]
    public void CanBeHadFrom_AnObjectOfAnotherManifest_IsFalse() => Assert.False(LostProof.CanBeHadFrom(Applied(), Make("2")));

    private static LiveObject Applied(string old = "", string now = "", DesiredObject? desired = null)
    {
        var json = Encoding.UTF8.GetString((desired ?? Desired).Body.Span).Replace("\"namespace\":\"web\"", $"\"namespace\":\"web\",{OwnEntry}", StringComparison.Ordinal);
        if (old.Length == 0) return Live.Of(json);
        Assert.Contains(old, json, StringComparison.Ordinal);
        return Live.Of(json.Replace(old, now, StringComparison.Ordinal));
    }

    private static Dictionary<string, object> Field(string name, object below) => new() { [name] = below };

    private static Dictionary<string, object> Leaves(params string[] names) => names.ToDictionary(name => name, object (_) => new object());

    private static DesiredObject Make(string value) =>
        Make($"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: settings}}, data: {{a: \"{value}\"}}}}", "ConfigMap", "configmaps");

    private static DesiredObject Make(string text, string kind, string plural)
    {
        var set = ManifestSets.Combine(ManifestParser.Parse("a.yaml", Encoding.UTF8.GetBytes(text), RenderLimits.Default).Objects).Set!;
        var kinds = new ApiCatalog([new ApiResource("", "v1", kind, plural, true, new HashSet<string>())], []);
        return DesiredState.Build(set, kinds, "web", new TrackingOwner("default", "shop", "web")).Objects[0];
    }
}
