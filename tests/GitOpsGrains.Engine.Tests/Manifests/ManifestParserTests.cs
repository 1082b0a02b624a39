using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Tests.Manifests;

public sealed class ManifestParserTests
{
    private const string Good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: web}\n";

    [Fact]
    public void Parse_SeveralDocuments_PositionsCountAllMarkedDocuments()
    {
        var result = Parse("# head\n---\n" + Good + "---\n# empty\n---\n" + Good.Replace("name: a", "name: b", StringComparison.Ordinal) + "...\n");

        Assert.Empty(result.Faults);
        Assert.Equal([0, 2], result.Objects.Select(manifest => manifest.Position.Document));
        Assert.Equal(new ResourceId("", "ConfigMap", "web", "a"), result.Objects[0].Id);
        Assert.Equal("v1", result.Objects[0].ApiVersion);
    }

    [Fact]
    public void Parse_GitLfsPointer_IsAFaultThatSaysSo()
    {
        const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
        Assert.Equal("the file is a Git LFS pointer, its content is not in the repository; keep manifests out of LFS", Assert.Single(Parse(Pointer).Faults).Reason);
        Assert.Empty(Parse(Good + "data: {a: version https://git-lfs.github.com/spec/v1}\n").Faults);
    }

    [Fact]
    public void Parse_DirectiveBeforeMarker_IsOfThatDocument() =>
        Assert.Equal(2, Parse("%YAML 1.1\n---\n" + Good + "...\n%YAML 1.1\n---\n" + Good).Objects.Count);

    [Theory]
    [InlineData("%YAML 1.1\n")]
    [InlineData("%garbage\n")]
    [InlineData("apiVersion: v1\n...\n%YAML 1.1\n")]
    public void Parse_DirectiveWithoutDocument_IsAFault(string text) =>
        Assert.Contains(Parse(text).Faults, fault => fault.Reason.StartsWith("the YAML is broken at line ", StringComparison.Ordinal));

    [Fact]
    public void Parse_CarriageReturnsAndByteOrderMark_AreAccepted() =>
        Assert.Single(Parse("\ufeff---\r\n" + Good.Replace("\n", "\r\n", StringComparison.Ordinal)).Objects);

    [Theory]
    [InlineData("")]
    [InlineData("---\n---\n")]
    [InlineData("# only a comment")]
    [InlineData("{}")]
    [InlineData("null")]
    public void Parse_NothingInIt_GivesNothing(string text)
    {
        var result = Parse(text);

        Assert.Empty(result.Objects);
        Assert.Empty(result.Faults);
    }

    [Fact]
    public void Parse_SameObjectAsYamlAndJson_HasTheSameHash()
    {
        var yaml = Parse("kind: Thing\napiVersion: e.com/v1\nmetadata: {name: t}\nspec: {b: 1.0, a: \"ü\\u00e9\\t<\"}\n");
        var json = Parse("""{"spec":{"a":"\u00fc\u00e9\t\u003c","b":1.0},"metadata":{"name":"t"},"apiVersion":"e.com/v1","kind":"Thing"}""", "a.json");

        Assert.Equal(yaml.Objects[0].Hash, json.Objects[0].Hash);
        Assert.Equal("""{"apiVersion":"e.com/v1","kind":"Thing","metadata":{"name":"t"},"spec":{"a":"üé\t<","b":1}}""", Encoding.UTF8.GetString(json.Objects[0].Json.Span));
    }

    [Fact]
    public void Parse_JsonStream_GivesEveryObject()
    {
        var one = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}""";

        Assert.Equal(3, Parse(one + "\n" + one + one, "s.json").Objects.Count);
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: web}", "metadata.name is missing")]
    [InlineData("apiVersion: v1\nkind: ConfigMap", "metadata.name is missing")]
    [InlineData("apiVersion: v1\nmetadata: {name: a}", "kind is missing")]
    [InlineData("kind: ConfigMap\nmetadata: {name: a}", "apiVersion is missing")]
    [InlineData("apiVersion: v1\nkind: Job\nmetadata: {generateName: a-}", "metadata.generateName without metadata.name: an object needs a name of its own to be kept equal to Git (a hook does not)")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 12}", "metadata.name is a number, not a string (quote it)")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a/b}", "metadata.name 'a/b' is not an object's name")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ..}", "metadata.name '..' is not an object's name")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: A_b}", "metadata.namespace 'A_b' is not a namespace's name")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: 5}", "metadata.namespace is a number, not a string (quote it)")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: [a]", "metadata is a list, not a mapping")]
    [InlineData("apiVersion: v1/2/3\nkind: ConfigMap\nmetadata: {name: a}", "apiVersion 'v1/2/3' is not of the form version or group/version")]
    [InlineData("apiVersion: v1\nkind: 'a/b'\nmetadata: {name: a}", "kind 'a/b' is not a kind's name")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: x, b: 1}}", "metadata.labels: the value of 'b' is a number, not a string (quote it)")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {b: yes}}", "metadata.annotations: the value of 'b' is a boolean, not a string (quote it)")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {b: 'x y'}}", "metadata.labels: the value of 'b' is not a label's value (at most 63 letters, digits, '-', '_' and '.')")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {'/b': x}}", "metadata.annotations: '/b' is not a key (prefix/name)")]
    [InlineData("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: 5}", "stringData: the value of 'k' is a number, not a string")]
    [InlineData("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: 'hunter2!'}", "data: the value of 'k' is not base64 text")]
    [InlineData("- a", "the document is a list, not a Kubernetes object")]
    [InlineData("hello", "the document is a string, not a Kubernetes object")]
    [InlineData("apiVersion: v1\nkind: List\nitems: [x]", "an item of the List is a string, not an object")]
    [InlineData("a: 1\nb: {x: 1, x: 2}\napiVersion: v1\nkind: T\nmetadata: {name: a}", "the key 'x' stands twice in the mapping at line 2, column 4")]
    [InlineData("a: *nope", "the document can't be read: the alias *nope names no anchor before it (line 1, column 4)")]
    [InlineData("a: &a [*a]", "the document can't be read: the alias *a names no anchor before it (line 1, column 8)")]
    [InlineData("? [a]\n: b", "the document can't be read: a key is no scalar (line 1, column 3)")]
    [InlineData("~: b", "the document can't be read: a key is null (line 1, column 1)")]
    [InlineData("a: .inf\napiVersion: v1\nkind: T\nmetadata: {name: a}", "JSON has no infinity and no NaN (line 1, column 4)")]
    [InlineData("a: !Ref x\napiVersion: v1\nkind: T\nmetadata: {name: a}", "the tag !Ref is not known (line 1, column 4)")]
    [InlineData("a: !!int x\napiVersion: v1\nkind: T\nmetadata: {name: a}", "the value is not a !!int (line 1, column 4)")]
    public void Parse_Wrong_IsOneFaultThatSaysWhy(string text, string reason)
    {
        var result = Parse(text);

        Assert.Equal(reason, Assert.Single(result.Faults).Reason);
        Assert.Empty(result.Objects);
    }

    [Fact]
    public void Parse_BrokenDocument_NamesTheLineOfTheFileAndHidesNoOtherFault()
    {
        var result = Parse(Good + "---\na: [1\nb: 2\n---\nkind: X\n---\n" + Good + "---\na:\n\t- b\n");

        Assert.Equal(2, result.Objects.Count);
        Assert.Equal([1, 2, 2, 4], result.Faults.Select(fault => fault.Document));
        Assert.StartsWith("the YAML is broken at line 6, column 3: While parsing a flow sequence", result.Faults[0].Reason, StringComparison.Ordinal);
        Assert.Equal("apiVersion is missing", result.Faults[1].Reason);
        Assert.StartsWith("the YAML is broken at line 15, column ", result.Faults[3].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_BrokenJsonFile_NamesTheLine() =>
        Assert.StartsWith("the JSON is broken at line 2: ", Assert.Single(Parse("{\n x", "a.json").Faults).Reason, StringComparison.Ordinal);

    [Fact]
    public void Parse_JsonWithHalfACharacter_IsAFault() =>
        Assert.Equal("the JSON is broken at line 1: holds a string that is not Unicode", Assert.Single(Parse("""{"a":"\ud800"}""", "a.json").Faults).Reason);

    [Fact]
    public void Parse_JsonWithDuplicateKey_IsAFault() =>
        Assert.Equal("the key 'kind' stands twice in a mapping", Parse("""{"apiVersion":"v1","kind":"A","kind":"B","metadata":{"name":"x"}}""").Faults[0].Reason);

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0 }, "the file is not UTF-8")]
    [InlineData(new byte[] { 0x61, 0x3A, 0x20, 0xC3, 0x28 }, "the file is not UTF-8")]
    [InlineData(new byte[] { 0x61, 0x0A, 0x00 }, "the file holds the control character 0x00 (line 2)")]
    public void Parse_NotText_IsAFault(byte[] content, string reason) =>
        Assert.Equal(reason, Assert.Single(ManifestParser.Parse("f.yaml", content, RenderLimits.Default).Faults).Reason);

    [Fact]
    public void Combine_SameObjectTwice_NamesBothPositions()
    {
        var objects = Parse(Good, "b.yaml").Objects.Concat(Parse("---\n---\n" + Good, "a.yaml").Objects);

        var (set, faults) = ManifestSets.Combine(objects);

        Assert.Null(set);
        var fault = Assert.Single(faults);
        Assert.Equal("b.yaml document 0 (ConfigMap web/a): the same object is already in a.yaml#1", fault.ToString());
    }

    [Fact]
    public void Combine_SameObjectsInAnotherOrder_HasTheSameDigest()
    {
        var other = Good.Replace("name: a", "name: b", StringComparison.Ordinal);
        var one = ManifestSets.Combine(Parse(Good, "y").Objects.Concat(Parse(other, "x").Objects)).Set!;
        var two = ManifestSets.Combine(Parse(other, "x").Objects.Concat(Parse(Good, "y").Objects)).Set!;

        Assert.Equal(one.Digest, two.Digest);
        Assert.Equal(one.Objects.Select(manifest => manifest.Id), two.Objects.Select(manifest => manifest.Id));
        Assert.NotEqual(one.Digest, ManifestSets.Combine(Parse(Good).Objects).Set!.Digest);
    }

    [Fact]
    public void Combine_SameObjectsInOtherFiles_HasAnotherDigestAsItsPositionsAreShown() =>
        Assert.NotEqual(ManifestSets.Combine(Parse(Good, "x").Objects).Set!.Digest, ManifestSets.Combine(Parse(Good, "y").Objects).Set!.Digest);

    private static ManifestParseResult Parse(string text, string file = "f.yaml") =>
        ManifestParser.Parse(file, Encoding.UTF8.GetBytes(text), RenderLimits.Default);
}
