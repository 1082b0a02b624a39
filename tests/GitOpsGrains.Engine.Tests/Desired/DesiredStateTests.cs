using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Desired;

public sealed class DesiredStateTests
{
    private static readonly TrackingOwner Owner = new("default", "shop", "web");

    [Fact]
    public void Build_NamespacedWithoutNamespace_GetsTheDestinationsAndOurMarks()
    {
        var made = Assert.Single(Build("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {mine: x, gitopsgrains.io/digest: copied}}}").Objects);

        Assert.Equal(new ResourceId("", "ConfigMap", "web", "a"), made.Id);
        Assert.Equal(
            $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"annotations":{"gitopsgrains.io/digest":"{{{made.Hash}}}","gitopsgrains.io/target":"default/shop/web:/ConfigMap:web/a","mine":"x"},"labels":{"gitopsgrains.io/managed":"true"},"name":"a","namespace":"web"}}""",
            Encoding.UTF8.GetString(made.Body.Span));
        Assert.Equal(
            Digest.Of("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"annotations":{"gitopsgrains.io/target":"default/shop/web:/ConfigMap:web/a","mine":"x"},"labels":{"gitopsgrains.io/managed":"true"},"name":"a","namespace":"web"}}"""),
            made.Hash);
        Assert.Equal(["mine"], made.Annotations.Keys);
    }

    [Fact]
    public void Rest_ObjectsThatNobodyReads_AreWrittenAsBeforeWhenSomebodyDoes()
    {
        var text = string.Join("\n---\n", Enumerable.Range(0, 40).Select(index => $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a{index:00}}}, data: {{text: {new string('x', 300)}}}}}"));
        var (awake, resting) = (Build(text).Objects, Build(text).Objects);

        DesiredObject.Rest(resting);

        Assert.Equal(awake.Select(item => Encoding.UTF8.GetString(item.Body.Span)), resting.Select(item => Encoding.UTF8.GetString(item.Body.Span)));
        Assert.Equal(awake[7].FencedBody("u", "1").ToArray(), resting[7].FencedBody("u", "1").ToArray());
    }

    [Fact]
    public void Build_Twice_IsTheSame()
    {
        const string Text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";

        Assert.Equal(Build(Text).Objects[0].Hash, Build(Text).Objects[0].Hash);
        Assert.NotEqual(Build(Text).Objects[0].Hash, Build(Text, "other").Objects[0].Hash);
    }

    [Fact]
    public void Build_ClusterScopedWithNamespace_LosesIt()
    {
        var made = Assert.Single(Build("{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: x}}").Objects);

        Assert.Equal(new ResourceId("", "Namespace", "", "a"), made.Id);
        Assert.DoesNotContain("\"namespace\"", Encoding.UTF8.GetString(made.Body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a, namespace: x, annotations: {argocd.argoproj.io/hook: Skip}}}", "ClusterRole", false)]
    [InlineData("{apiVersion: e.com/v9, kind: Thing, metadata: {name: a, namespace: x, annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}}}", "Thing", false)]
    [InlineData("{apiVersion: e.com/v9, kind: Thing, metadata: {name: a, namespace: x}}", "Thing", true)]
    public void Build_OfWhatIsNotAppliedNow_LeavesItOutUnderEachScope(string text, string kind, bool isFault)
    {
        var built = Build(text);

        Assert.Equal(["", "x"], built.LeftOut.Where(id => id.Kind == kind && id.Name == "a").Select(id => id.Namespace).Order());
        Assert.Equal((0, isFault ? 1 : 0), (built.Objects.Count, built.Faults.Count));
    }

    [Fact]
    public void Build_NoDestinationNamespace_IsDefault() =>
        Assert.Equal("default", Build("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", "").Objects[0].Id.Namespace);

    [Theory]
    [InlineData("Namespaced", "web")]
    [InlineData("Cluster", "")]
    public void Build_KindOfDefinitionInTheSet_IsKnown(string scope, string space)
    {
        var state = Build($$$"""
            {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: things.e.com},
             spec: {group: e.com, scope: {{{scope}}}, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true}, {name: v0, served: false}]}}
            ---
            {apiVersion: e.com/v1, kind: Thing, metadata: {name: t}}
            """);

        Assert.Empty(state.Faults);
        Assert.Equal(space, state.Objects.Single(made => made.Id.Kind == "Thing").Id.Namespace);
    }

    [Theory]
    [InlineData("e.com/v1", "Thing", "the cluster has no kind Thing in e.com/v1, and no CustomResourceDefinition here defines it")]
    [InlineData("apps/v1beta1", "Deployment", "the cluster serves Deployment as apps/v1, not as apps/v1beta1")]
    [InlineData("metrics.k8s.io/v1", "Any", "the cluster could not tell what kinds metrics.k8s.io/v1 has")]
    public void Build_UnknownKind_IsAFault(string apiVersion, string kind, string reason)
    {
        var state = Build($"{{apiVersion: {apiVersion}, kind: {kind}, metadata: {{name: t}}}}");

        Assert.Equal(reason, Assert.Single(state.Faults).Reason);
        Assert.Empty(state.Objects);
    }

    [Fact]
    public void Build_SameObjectOnceTheNamespaceIsFilledIn_IsAFault()
    {
        var fault = Assert.Single(Build("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: web}}").Faults);

        Assert.Equal("f.yaml document 1 (ConfigMap web/a): the same object is already in f.yaml#0", fault.ToString());
    }

    [Fact]
    public void FencedBody_AnyObject_CarriesUidAndVersion()
    {
        var made = Build("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}").Objects[0];

        using var body = JsonDocument.Parse(made.FencedBody("u-1", "42"));

        var metadata = body.RootElement.GetProperty("metadata");
        Assert.Equal("u-1", metadata.GetProperty("uid").GetString());
        Assert.Equal("42", metadata.GetProperty("resourceVersion").GetString());
        Assert.Equal("a", metadata.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {a: 'quoted \\\" text', b: üö}}, data: {metadata: '{}'}}")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, data: {z: last, a: first}, metadata: {name: a, annotations: {x: why}}, immutable: true}")]
    public void FencedBody_AnyObject_IsTheBodyWithTheseTwoAndElseTheSameBytes(string manifest)
    {
        var made = Build(manifest).Objects[0];
        var whole = (TreeMap)JsonTreeReader.ReadTrusted(made.Body.Span);
        whole.Map("metadata")!.Set("uid", TreeScalar.Of("u-1"));
        whole.Map("metadata")!.Set("resourceVersion", TreeScalar.Of("42"));

        var body = made.FencedBody("u-1", "42");

        Assert.Equal(Encoding.UTF8.GetString(CanonicalJson.Write(whole)), Encoding.UTF8.GetString(body.Span));
    }

    [Fact]
    public void Json_OfAnObjectAsDeepAsTheLimitAllows_IsRead()
    {
        const int Levels = 95;
        var value = string.Concat(Enumerable.Repeat("{a: ", Levels)) + "x" + new string('}', Levels);
        var made = Build($"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {value}}}").Objects[0];

        Assert.Equal("a", made.Json().GetProperty("metadata").GetProperty("name").GetString());
        Assert.Equal("a", made.Metadata().GetProperty("name").GetString());
        Assert.Contains("\"uid\":\"u-1\"", Encoding.UTF8.GetString(made.FencedBody("u-1", "42").Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_AfterAChangeOfOne_MakesOnlyThatOneAnew()
    {
        const string Kept = "{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}";
        var before = Build($"{Kept}\n---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: changed}}, data: {{a: '1'}}}}");
        var text = $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: changed}}, data: {{a: '2'}}}}\n---\n{Kept}";

        var after = Build(text, previous: before);

        Assert.Equal(Build(text).Objects.Select(made => (made.Id, made.Hash, made.Position)), after.Objects.Select(made => (made.Id, made.Hash, made.Position)));
        Assert.True(after.Objects[1].Body.Equals(before.Objects[1].Body));
        Assert.NotEqual(before.Objects[0].Hash, after.Objects[0].Hash);
    }

    [Fact]
    public void Build_AfterAnotherOwners_TakesNothingOfIt()
    {
        const string Text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";
        var other = Build(Text, owner: Owner with { Application = "other" });

        Assert.Equal(Build(Text).Objects[0].Hash, Build(Text, previous: other).Objects[0].Hash);
        Assert.Equal(Build(Text, "there").Objects[0].Hash, Build(Text, "there", previous: Build(Text)).Objects[0].Hash);
    }

    private static DesiredState Build(string text, string space = "web", TrackingOwner? owner = null, DesiredState? previous = null)
    {
        var parsed = ManifestParser.Parse("f.yaml", Encoding.UTF8.GetBytes(text), RenderLimits.Default);
        Assert.Empty(parsed.Faults);
        return DesiredState.Build(ManifestSets.Combine(parsed.Objects).Set!, Catalog(), space, owner ?? Owner, previous);
    }

    private static ApiCatalog Catalog()
    {
        var verbs = new HashSet<string>();
        return new ApiCatalog(
            [
                new ApiResource("", "v1", "ConfigMap", "configmaps", true, verbs),
                new ApiResource("", "v1", "Namespace", "namespaces", false, verbs),
                new ApiResource("apps", "v1", "Deployment", "deployments", true, verbs),
                new ApiResource("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false, verbs),
            ],
            ["metrics.k8s.io/v1"]);
    }
}
