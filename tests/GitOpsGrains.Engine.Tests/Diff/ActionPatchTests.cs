using System.Text;
using System.Text.Json.Nodes;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

/// <summary>What an action's object becomes on its way to the server.</summary>
public sealed class ActionPatchTests
{
    private const string Fence = """{"op":"replace","path":"/metadata/resourceVersion","value":"7"}""";
    private const string Object = """
        {"apiVersion":"apps/v1","kind":"Deployment",
         "metadata":{"name":"web","resourceVersion":"7","uid":"u","labels":{"gitopsgrains.io/managed":"true"},"annotations":null,"managedFields":[{"manager":"m"}]},
         "spec":{"replicas":3,"share":0.5,"paused":false,"args":[],"limits":{},"hosts":["a","b"],"none":null,"template":{"metadata":{}}}}
        """;

    [Fact]
    public void Of_AnUnchangedObjectAsAScriptSeesIt_IsEmpty()
    {
        var changed = Changed(root =>
        {
            root["metadata"]!.AsObject().Remove("managedFields");
            root["metadata"]!.AsObject().Remove("annotations");
            root["spec"]!.AsObject().Remove("none");
            root["spec"]!["args"] = new JsonObject();
        });

        Assert.True(ActionPatch.Of(Live, changed).IsEmpty);
    }

    [Theory]
    [InlineData("replicas", "5", """{"op":"replace","path":"/spec/replicas","value":5}""")]
    [InlineData("replicas", "3.0", null)]
    [InlineData("share", "1", """{"op":"replace","path":"/spec/share","value":1}""")]
    [InlineData("paused", "true", """{"op":"replace","path":"/spec/paused","value":true}""")]
    [InlineData("paused", "null", """{"op":"remove","path":"/spec/paused"}""")]
    [InlineData("none", "1", """{"op":"add","path":"/spec/none","value":1}""")]
    [InlineData("a/b~c", "\"x\"", """{"op":"add","path":"/spec/a~1b~0c","value":"x"}""")]
    [InlineData("hosts", """["a","c"]""", """{"op":"replace","path":"/spec/hosts/1","value":"c"}""")]
    [InlineData("hosts", """["a","b","c"]""", """{"op":"replace","path":"/spec/hosts","value":["a","b","c"]}""")]
    [InlineData("hosts", "{}", """{"op":"replace","path":"/spec/hosts","value":[]}""")]
    [InlineData("limits", """{"cpu":"1"}""", """{"op":"add","path":"/spec/limits/cpu","value":"1"}""")]
    public void Of_OneChange_IsOneOperationBehindTheFence(string name, string value, string? operation)
    {
        var patch = Text(ActionPatch.Of(Live, Changed(root => root["spec"]![name] = JsonNode.Parse(value))));

        Assert.Equal(operation is null ? "" : $"[{Fence},{operation}]", patch);
    }

    [Fact]
    public void Of_ARestart_AddsTheAnnotation()
    {
        var changed = Changed(root => root["spec"]!["template"]!["metadata"]!["annotations"] = new JsonObject { ["restartedAt"] = "now" });

        Assert.Equal($"[{Fence}," + """{"op":"add","path":"/spec/template/metadata/annotations","value":{"restartedAt":"now"}}]""", Text(ActionPatch.Of(Live, changed)));
    }

    [Theory]
    [InlineData("kind", "\"Secret\"", "/kind")]
    [InlineData("apiVersion", "\"v1\"", "/apiVersion")]
    [InlineData("metadata", "null", "/metadata")]
    public void Of_AnotherKindOfObject_IsNotAllowed(string name, string value, string path) => AssertNotAllowed(root => root[name] = JsonNode.Parse(value), path);

    [Theory]
    [InlineData("name", "\"other\"", "/metadata/name")]
    [InlineData("namespace", "\"other\"", "/metadata/namespace")]
    [InlineData("uid", "\"other\"", "/metadata/uid")]
    [InlineData("resourceVersion", "\"1\"", "/metadata/resourceVersion")]
    [InlineData("finalizers", "[\"x\"]", "/metadata/finalizers")]
    [InlineData("ownerReferences", "[{}]", "/metadata/ownerReferences")]
    [InlineData("labels", "{}", "/metadata/labels/gitopsgrains.io~1managed")]
    [InlineData("annotations", """{"gitopsgrains.io/target":"x"}""", "/metadata/annotations/gitopsgrains.io~1target")]
    public void Of_WhatMakesTheObjectOurs_IsNotAllowed(string name, string value, string path) =>
        AssertNotAllowed(root => root["metadata"]![name] = JsonNode.Parse(value), path);

    private static LiveObject Live { get; } = Tests.Live.Of(Object, "apps/v1", "Deployment");

    private static void AssertNotAllowed(Action<JsonObject> change, string path)
    {
        var fault = Assert.Throws<InvalidDataException>(() => ActionPatch.Of(Live, Changed(change)));

        Assert.Equal($"the action changes {path}, which no action may", fault.Message);
    }

    private static JsonObject Changed(Action<JsonObject> change)
    {
        var root = JsonNode.Parse(Object)!.AsObject();
        change(root);
        return root;
    }

    private static string Text(ReadOnlyMemory<byte> patch) => Encoding.UTF8.GetString(patch.Span);
}
