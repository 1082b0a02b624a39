using System.Text;
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

    [Fact]
    public void CanBeHadFrom_AnObjectOfAnotherManifest_IsFalse() => Assert.False(LostProof.CanBeHadFrom(Applied(), Make("2")));

    private static LiveObject Applied(string old = "", string now = "")
    {
        var json = Encoding.UTF8.GetString(Desired.Body.Span).Replace("\"namespace\":\"web\"", $"\"namespace\":\"web\",{OwnEntry}", StringComparison.Ordinal);
        if (old.Length == 0) return Live.Of(json);
        Assert.Contains(old, json, StringComparison.Ordinal);
        return Live.Of(json.Replace(old, now, StringComparison.Ordinal));
    }

    private static DesiredObject Make(string value)
    {
        var text = $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: settings}}, data: {{a: \"{value}\"}}}}";
        var set = ManifestSets.Combine(ManifestParser.Parse("a.yaml", Encoding.UTF8.GetBytes(text), RenderLimits.Default).Objects).Set!;
        var kinds = new ApiCatalog([new ApiResource("", "v1", "ConfigMap", "configmaps", true, new HashSet<string>())], []);
        return DesiredState.Build(set, kinds, "web", new TrackingOwner("default", "shop", "web")).Objects[0];
    }
}
