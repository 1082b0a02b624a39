using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class IgnoreRulesTests
{
    private static readonly ResourceId Web = new("apps", "Deployment", "web", "web");

    private const string LiveText = """
        {"apiVersion":"apps/v1","kind":"Deployment",
         "metadata":{"name":"web","namespace":"web","uid":"0d1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e","resourceVersion":"7",
          "labels":{"gitopsgrains.io/managed":"true","team":"live"},
          "annotations":{"gitopsgrains.io/target":"t","gitopsgrains.io/digest":"d","a/b":"live"},
          "managedFields":[
           {"manager":"gitopsgrains","operation":"Apply","apiVersion":"apps/v1","fieldsV1":{"f:spec":{"f:paused":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:name":{}}}}}}}},
           {"manager":"scaler","operation":"Update","apiVersion":"apps/v1","fieldsV1":{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:name":{},"f:image":{}},"k:{\"name\":\"side\"}":{".":{},"f:name":{},"f:image":{}}}}}}}}]},
         "spec":{"replicas":9,"paused":true,"template":{"spec":{"containers":[{"name":"side","image":"side:1"},{"name":"app","image":"app:live"}]}}},
         "status":{"replicas":9}}
        """;

    private const string WantedText = """
        {"apiVersion":"apps/v1","kind":"Deployment",
         "metadata":{"name":"web","namespace":"web","labels":{"gitopsgrains.io/managed":"true","team":"git"},
          "annotations":{"gitopsgrains.io/target":"t","gitopsgrains.io/digest":"d"}},
         "spec":{"replicas":2,"paused":true,"template":{"spec":{"containers":[{"name":"app","image":"app:git"}]}}}}
        """;

    [Theory]
    [InlineData("{}", "/metadata/annotations/a~1b /metadata/labels/team /spec/replicas /spec/template/spec/containers/0/image /spec/template/spec/containers/0")]
    [InlineData("/spec/replicas", "/metadata/annotations/a~1b /metadata/labels/team /spec/template/spec/containers/0/image /spec/template/spec/containers/0")]
    [InlineData("/metadata/labels /metadata/annotations /spec", "")]
    [InlineData("/metadata /spec/template /spec/replicas", "")]
    [InlineData(".spec.template.spec.containers[]|select(.name==\"app\")|.image", "/metadata/annotations/a~1b /metadata/labels/team /spec/replicas /spec/template/spec/containers/0")]
    [InlineData(".spec.template.spec.containers[]|select(.name|test(\"^si\"))", "/metadata/annotations/a~1b /metadata/labels/team /spec/replicas /spec/template/spec/containers/0/image")]
    [InlineData(".spec.template.spec.containers[].image .spec.template.spec.containers[]|select(.name!=\"app\")", "/metadata/annotations/a~1b /metadata/labels/team /spec/replicas")]
    [InlineData(".metadata.annotations[\"a/b\"] .metadata.labels.team .spec.replicas", "/spec/template/spec/containers/0/image /spec/template/spec/containers/0")]
    [InlineData("spec.template.spec.containers[?name=='app'].image", "/metadata/annotations/a~1b /metadata/labels/team /spec/replicas /spec/template/spec/containers/0")]
    [InlineData("spec.template.spec.containers[?starts_with(name,'s')] spec.replicas", "/metadata/annotations/a~1b /metadata/labels/team /spec/template/spec/containers/0/image")]
    [InlineData("=scaler", "/metadata/annotations/a~1b /metadata/labels/team")]
    [InlineData("=nobody", "/metadata/annotations/a~1b /metadata/labels/team /spec/replicas /spec/template/spec/containers/0/image /spec/template/spec/containers/0")]
    [InlineData("/spec/nothing /spec/replicas/deeper .spec.replicas[0] .spec[].x", "/metadata/annotations/a~1b /metadata/labels/team /spec/replicas /spec/template/spec/containers/0/image /spec/template/spec/containers/0")]
    public void Compute_WithRules_TellsOnlyWhatTheyLeave(string rules, string paths)
    {
        var differences = ObjectDiff.Compute(Live.Json(WantedText), Deployment(), DiffScope.AllFields, Rules(rules).For(Web));

        Assert.Equal(paths, string.Join(' ', differences.Select(difference => difference.Path)));
    }

    [Fact]
    public void Compute_WithARuleForAllMetadata_StillSeesThatOurLabelIsGone()
    {
        var live = Live.Of(LiveText.Replace("\"gitopsgrains.io/managed\":\"true\",\"team\":\"live\"", "\"team\":\"live\"", StringComparison.Ordinal), "apps/v1", "Deployment");

        var differences = ObjectDiff.Compute(Live.Json(WantedText), live, DiffScope.AllFields, Rules("/metadata /spec").For(Web));

        Assert.Equal("/metadata/labels", Assert.Single(differences).Path);
    }

    [Theory]
    [InlineData("apps", "Deployment", "web", "web", true)]
    [InlineData("", "", "", "", true)]
    [InlineData("a*", "Deploy*", "w?b", "*", true)]
    [InlineData("batch", "", "", "", false)]
    [InlineData("", "StatefulSet", "", "", false)]
    [InlineData("", "", "other", "", false)]
    [InlineData("", "", "", "web-*", false)]
    public void For_PatternsOfGroupKindNamespaceAndName_AllMustMatch(string group, string kind, string space, string name, bool matches)
    {
        var rules = IgnoreRules.Of([new IgnoreDifference { Group = group, Kind = kind, Namespace = space, Name = name, JsonPointers = ["/spec"] }]);

        Assert.Equal(!matches, rules.For(Web).IsEmpty);
    }

    [Fact]
    public void Key_ChangesWithTheRulesOfTheObjectOnly()
    {
        var first = new IgnoreDifference { Kind = "Deployment", JsonPointers = ["/a"] };
        var other = new IgnoreDifference { Kind = "Service", JsonPointers = ["/b"] };

        Assert.Equal("", IgnoreRules.Of([other]).For(Web).Key);
        Assert.Equal(IgnoreRules.Of([first]).For(Web).Key, IgnoreRules.Of([other, first]).For(Web).Key);
        Assert.NotEqual(IgnoreRules.Of([first]).For(Web).Key, IgnoreRules.Of([first with { JsonPointers = ["/c"] }]).For(Web).Key);
    }

    [Theory]
    [InlineData("/spec/replicas", "replicas 9, app:git, team git")]
    [InlineData(".spec.template.spec.containers[]|select(.name==\"app\")|.image", "replicas 2, app:live, team git")]
    [InlineData(".spec.template.spec.containers[]|select(.name==\"side\")", "replicas 2, app:git side:1, team git")]
    [InlineData("/metadata/labels/team /spec/replicas", "replicas 9, app:git, team live")]
    [InlineData("/metadata /metadata/labels", "replicas 2, app:git, team git")]
    [InlineData("=scaler", "replicas 9, app:live, team git")]
    [InlineData("/status /apiVersion /kind /metadata/name", "replicas 2, app:git, team git")]
    public void Respect_IgnoredFields_TakesTheirLiveValues(string rules, string expected)
    {
        var root = (TreeMap)JsonTreeReader.ReadTrusted(Rules(rules).For(Web).Respect(Encoding.UTF8.GetBytes(WantedText), Deployment()).Span);
        var (metadata, spec) = (root.Map("metadata")!, root.Map("spec")!);
        var images = spec.Map("template")!.Map("spec")!.List("containers")!.Items.Select(item => ((TreeMap)item).Text("image"));

        Assert.Equal(expected, $"replicas {((TreeScalar)spec["replicas"]!).Text}, {string.Join(' ', images)}, team {metadata.Map("labels")!.Text("team")}");
        Assert.Equal(("apps/v1", "Deployment", "web", true), (root.Text("apiVersion"), root.Text("kind"), metadata.Text("name"), root["status"] is null));
        Assert.Equal(("true", "t", "d"), (metadata.Map("labels")!.Text("gitopsgrains.io/managed"), metadata.Map("annotations")!.Text("gitopsgrains.io/target"), metadata.Map("annotations")!.Text("gitopsgrains.io/digest")));
    }

    [Fact]
    public void Respect_FieldThatTheLiveObjectLacks_IsLeftOut()
    {
        var live = Live.Of("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"b":"2"}}""");
        var body = IgnoreRules.Of([new IgnoreDifference { JsonPointers = ["/data/a", "/data/b", "/data/c"] }]).For(live.Id)
            .Respect("""{"apiVersion":"v1","data":{"a":"git","b":"git"},"kind":"ConfigMap","metadata":{"name":"c"}}"""u8.ToArray(), live);

        Assert.Equal("""{"apiVersion":"v1","data":{"b":"2"},"kind":"ConfigMap","metadata":{"name":"c"}}""", Encoding.UTF8.GetString(body.Span));
    }

    [Fact]
    public void Respect_WithoutRules_IsTheBodyItself()
    {
        ReadOnlyMemory<byte> body = Encoding.UTF8.GetBytes(WantedText);

        Assert.Equal(body, IgnoreRules.None.For(Web).Respect(body, Deployment()));
    }

    private static LiveObject Deployment() => Live.Of(LiveText, "apps/v1", "Deployment");

    /// <summary>Pointers begin with '/', jq with '.', managers with '='; all else is JMESPath.</summary>
    private static IgnoreRules Rules(string text)
    {
        var parts = text == "{}" ? [] : text.Split(' ');
        return IgnoreRules.Of([new IgnoreDifference
        {
            JsonPointers = [.. parts.Where(part => part[0] == '/')],
            JqPathExpressions = [.. parts.Where(part => part[0] == '.')],
            ManagedFieldsManagers = [.. parts.Where(part => part[0] == '=').Select(part => part[1..])],
            JmesPaths = [.. parts.Where(part => part[0] is not ('/' or '.' or '='))],
        }]);
    }
}
